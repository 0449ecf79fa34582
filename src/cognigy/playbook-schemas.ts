import * as z from 'zod/mini';
import { absentable, jsonObject, listOf, positiveInteger } from '../http/internal.js';
import { isObject } from '../json.js';
import type {
  Playbook,
  PlaybookAssert,
  PlaybookAssertResult,
  PlaybookDraft,
  PlaybookRun,
  PlaybookStep,
  PlaybookStepDraft,
  PlaybookStepResult,
  PlaybookTarget,
  PlaybookTask,
} from './playbook-types.js';

const name = z.string().check(z.minLength(1));

// Smaller in a bundle than `z.boolean()`.
const flag: z.ZodMiniType<boolean> = z.custom((value) => typeof value === 'boolean', 'expected boolean');

/** The parameter that each kind of check needs. */
const needed: Readonly<Record<string, string>> = {
  assertText: 'text',
  assertData: 'data',
  assertContext: 'data',
  assertState: 'state',
  assertIntent: 'intent',
  assertSlot: 'slot',
};

// Smaller in a bundle than a union of objects.
const playbookAssert: z.ZodMiniType<PlaybookAssert> = z.custom((value) => {
  if (!isObject(value)) return false;
  const { type = '', params = {} } = value as { readonly type?: string; readonly params?: object };
  return Object.hasOwn(needed, type) && isFilled((params as Readonly<Record<string, unknown>>)[needed[type] ?? '']);
}, "expected a check, e.g. { type: 'assertIntent', params: { intent: 'greeting' } }");

function isFilled(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || isObject(value);
}

export const playbookStepDraft: z.ZodMiniType<PlaybookStepDraft> = z.strictObject({
  text: z.string(),
  data: z.optional(jsonObject),
  asserts: z.optional(z.array(playbookAssert)),
});

export const playbookDraft: z.ZodMiniType<PlaybookDraft> = z.strictObject({
  projectId: name,
  name,
  abortOnError: z.optional(flag),
  timeoutMs: z.optional(positiveInteger),
});

export const playbookTarget: z.ZodMiniType<PlaybookTarget> = z.strictObject({
  entrypoint: name,
  flowReferenceId: name,
  localeReferenceId: name,
});

/** `POST /playbooks/{id}/steps`. */
export const playbookStep: z.ZodMiniType<PlaybookStep> = z.pipe(
  z.looseObject({ _id: name, text: absentable(z.string()) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);

/** `GET` and `POST /playbooks`. */
export const playbook: z.ZodMiniType<Playbook> = z.pipe(
  z.looseObject({ _id: name, name: z.string(), steps: absentable(listOf(playbookStep)) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);

/** `GET /tasks/{id}`, and the answer to a schedule. */
export const playbookTask: z.ZodMiniType<PlaybookTask> = z.pipe(
  z.looseObject({
    _id: name,
    status: z.string(),
    progress: absentable(z.number()),
    failReason: absentable(z.string()),
    data: absentable(z.looseObject({ playbookRunId: absentable(z.string()) })),
  }),
  z.transform(({ _id: id, ...rest }) => ({ id, playbookRunId: rest.data?.playbookRunId, ...rest })),
);

const assertResult: z.ZodMiniType<PlaybookAssertResult> = z.looseObject({
  type: z.string(),
  status: z.string(),
  params: absentable(jsonObject),
  actual: z.optional(z.unknown()),
});

const stepResult: z.ZodMiniType<PlaybookStepResult> = z.looseObject({
  status: z.string(),
  text: absentable(z.string()),
  timeout: absentable(flag),
  // An invalid check must not be left out: its assertion would count as never checked.
  asserts: z.pipe(
    z.optional(z.nullable(z.array(assertResult))),
    z.transform((asserts) => asserts ?? []),
  ),
});

/** `GET /playbooks/{id}/runs/{runId}`. Steps are found by position, so none may be left out. */
export const playbookRun: z.ZodMiniType<PlaybookRun> = z.pipe(
  z.looseObject({ _id: name, status: z.string(), stepResults: z.array(stepResult) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);
