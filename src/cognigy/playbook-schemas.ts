import * as z from 'zod/mini';
import { absentable, jsonObject, listOf, positiveInteger } from '../http/internal.js';
import type {
  Playbook,
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
const negate = z.optional(z.boolean());
const check = <Type extends string, Params extends z.core.$ZodLooseShape>(type: Type, params: Params) =>
  z.strictObject({ type: z.literal(type), params: z.strictObject({ ...params, negate }) });
const partOf = { data: jsonObject, partial: z.optional(z.boolean()) };

export const playbookStepDraft: z.ZodMiniType<PlaybookStepDraft> = z.strictObject({
  text: z.string(),
  data: z.optional(jsonObject),
  asserts: z.optional(
    z.array(
      z.discriminatedUnion('type', [
        check('assertText', { text: z.string(), fuzzy: z.optional(z.boolean()) }),
        check('assertData', partOf),
        check('assertContext', partOf),
        check('assertState', { state: name }),
        check('assertIntent', { intent: name }),
        check('assertSlot', { slot: name }),
      ]),
    ),
  ),
});

export const playbookDraft: z.ZodMiniType<PlaybookDraft> = z.strictObject({
  projectId: name,
  name,
  abortOnError: z.optional(z.boolean()),
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
  timeout: absentable(z.boolean()),
  // A check that cannot be read must not vanish: what it expects would count as never checked.
  asserts: z.pipe(
    z.optional(z.nullable(z.array(assertResult))),
    z.transform((asserts) => asserts ?? []),
  ),
});

/** `GET /playbooks/{id}/runs/{runId}`. Steps are found by their place, so that none may be left out. */
export const playbookRun: z.ZodMiniType<PlaybookRun> = z.pipe(
  z.looseObject({ _id: name, status: z.string(), stepResults: z.array(stepResult) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);
