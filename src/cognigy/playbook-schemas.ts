import * as z from 'zod/mini';
import {
  absentable,
  jsonObject,
  listOf,
  positiveInteger,
  anyString,
  filledString,
  finiteNumber,
  flag,
} from '../http/internal.js';
import { isObject } from '../json.js';
import type {
  Playbook,
  PlaybookAssert,
  PlaybookAssertResult,
  PlaybookDraft,
  PlaybookPage,
  PlaybookQuery,
  PlaybookRun,
  PlaybookStep,
  PlaybookStepDraft,
  PlaybookStepResult,
  PlaybookTarget,
  PlaybookTask,
} from './playbook-types.js';

// Smaller in a bundle than a union of objects. Each kind of check needs the parameter that has its name.
const playbookAssert: z.ZodMiniType<PlaybookAssert> = z.custom<PlaybookAssert>((value: unknown) => {
  const { type, params } = isObject(value) ? value : {};
  const kind = /^assert(Text|Data|Context|State|Intent|Slot)$/.exec(String(type))?.[1]?.toLowerCase();
  const needed = kind !== undefined && isObject(params) && params[kind === 'context' ? 'data' : kind];
  return needed !== '' && (typeof needed === 'string' || isObject(needed));
}, 'expected a check');

export const playbookStepDraft: z.ZodMiniType<PlaybookStepDraft> = z.strictObject({
  text: anyString,
  data: z.optional(jsonObject),
  asserts: z.optional(z.array(playbookAssert)),
});

export const playbookDraft: z.ZodMiniType<PlaybookDraft> = z.strictObject({
  projectId: filledString,
  name: filledString,
  abortOnError: z.optional(flag),
  timeoutMs: z.optional(positiveInteger),
});

export const playbookTarget: z.ZodMiniType<PlaybookTarget> = z.strictObject({
  entrypoint: filledString,
  flowReferenceId: filledString,
  localeReferenceId: filledString,
});

/** `POST /playbooks/{id}/steps`. */
export const playbookStep: z.ZodMiniType<PlaybookStep> = z.pipe(
  z.looseObject({ _id: filledString, text: absentable(anyString) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);

/** `GET` and `POST /playbooks`. */
export const playbook: z.ZodMiniType<Playbook> = z.pipe(
  z.looseObject({ _id: filledString, name: anyString, steps: absentable(listOf(playbookStep)) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);

export const playbookQuery: z.ZodMiniType<PlaybookQuery> = z.strictObject({
  projectId: filledString,
  pageSize: z.optional(positiveInteger),
  cursor: z.optional(filledString),
});

/** `GET /playbooks`. */
export const playbookPage: z.ZodMiniType<PlaybookPage> = z.looseObject({
  items: listOf(playbook),
  nextCursor: absentable(filledString),
});

/** `GET /tasks/{id}`, and the answer to a schedule. */
export const playbookTask: z.ZodMiniType<PlaybookTask> = z.pipe(
  z.looseObject({
    _id: filledString,
    status: anyString,
    progress: absentable(finiteNumber),
    failReason: absentable(anyString),
    data: absentable(z.looseObject({ playbookRunId: absentable(anyString) })),
  }),
  z.transform(({ _id: id, ...rest }) => ({ id, playbookRunId: rest.data?.playbookRunId, ...rest })),
);

const assertResult: z.ZodMiniType<PlaybookAssertResult> = z.looseObject({
  type: anyString,
  status: anyString,
  params: absentable(jsonObject),
});

const stepResult: z.ZodMiniType<PlaybookStepResult> = z.looseObject({
  status: anyString,
  text: absentable(anyString),
  timeout: absentable(flag),
  // An invalid check must not be left out: its assertion would count as never checked.
  asserts: z.pipe(
    z.transform((asserts) => asserts ?? []),
    z.array(assertResult),
  ),
});

/** `GET /playbooks/{id}/runs/{runId}`. Steps are found by position, so none may be left out. */
export const playbookRun: z.ZodMiniType<PlaybookRun> = z.pipe(
  z.looseObject({ _id: filledString, status: anyString, stepResults: z.array(stepResult) }),
  z.transform(({ _id: id, ...rest }) => ({ id, ...rest })),
);
