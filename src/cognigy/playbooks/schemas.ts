import * as z from '../../schema.js';
import {
  absentable,
  jsonObject,
  listOf,
  positiveInteger,
  anyString,
  filledString,
  finiteNumber,
  flag,
} from '../../http/internal.js';
import { isObject } from '../../json.js';
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
  ScheduledTask,
} from './types.js';

// Smaller in a bundle than a union of objects. Each kind of check needs the parameter that has its name.
const playbookAssert: z.Schema<PlaybookAssert> = z.custom<PlaybookAssert>((value: unknown) => {
  const { type, params } = isObject(value) ? value : {};
  const [, kind = ''] = /^assert(Text|Data|Context|State|Intent|Slot)$/.exec(type as string) ?? [];
  const needed = isObject(params) && params[kind === 'Context' ? 'data' : kind.toLowerCase()];
  return needed !== '' && (typeof needed === 'string' || isObject(needed));
}, 'expected a check');

export const playbookStepDraft: z.Schema<PlaybookStepDraft> = z.strictObject({
  text: anyString,
  data: z.optional(jsonObject),
  asserts: z.optional(z.array(playbookAssert)),
} satisfies z.Fields<PlaybookStepDraft>);

export const playbookDraft: z.Schema<PlaybookDraft> = z.strictObject({
  projectId: filledString,
  name: filledString,
  abortOnError: z.optional(flag),
  timeoutMs: z.optional(positiveInteger),
} satisfies z.Fields<PlaybookDraft>);

export const playbookTarget: z.Schema<PlaybookTarget> = z.strictObject({
  entrypoint: filledString,
  flowReferenceId: filledString,
  localeReferenceId: filledString,
} satisfies z.Fields<PlaybookTarget>);

/** `POST /playbooks/{id}/steps`. */
export const playbookStep: z.Schema<PlaybookStep> = z.map(
  z.looseObject({ _id: filledString, text: absentable(anyString) }),
  ({ _id: id, ...rest }) => ({ id, ...rest }),
);

/** `GET` and `POST /playbooks`. */
export const playbook: z.Schema<Playbook> = z.map(
  z.looseObject({ _id: filledString, name: anyString, steps: absentable(listOf(playbookStep)) }),
  ({ _id: id, ...rest }) => ({ id, ...rest }),
);

export const playbookQuery: z.Schema<PlaybookQuery> = z.strictObject({
  projectId: filledString,
  pageSize: z.optional(positiveInteger),
  cursor: z.optional(filledString),
} satisfies z.Fields<PlaybookQuery>);

/** `GET /playbooks`. Its cursor is not checked here: an invalid one would be left out. */
export const playbookPage: z.Schema<Pick<PlaybookPage, 'items'>> = z.looseObject({ items: listOf(playbook) });

/** `POST /playbooks/{id}/schedule`. The vendor's client declares only the id, and the task has been created. */
export const scheduledTask: z.Schema<ScheduledTask> = z.map(
  z.looseObject({ _id: filledString, status: absentable(anyString) }),
  ({ _id: id, ...rest }) => ({ id, ...rest }),
);

/** `GET /tasks/{id}`. */
export const playbookTask: z.Schema<PlaybookTask> = z.map(
  z.looseObject({
    _id: filledString,
    status: anyString,
    progress: absentable(finiteNumber),
    failReason: absentable(anyString),
    data: absentable(z.looseObject({ playbookRunId: absentable(anyString) })),
  }),
  ({ _id: id, ...rest }) => ({ id, playbookRunId: rest.data?.playbookRunId, ...rest }),
);

const assertResult: z.Schema<PlaybookAssertResult> = z.looseObject({
  type: anyString,
  status: anyString,
  params: absentable(jsonObject),
} satisfies z.Fields<PlaybookAssertResult>);

const stepResult: z.Schema<PlaybookStepResult> = z.looseObject({
  status: anyString,
  text: absentable(anyString),
  timeout: absentable(flag),
  // An invalid check must not be left out: its assertion would count as never checked.
  asserts: z.map(z.optional(z.nullable(z.array(assertResult))), (asserts) => asserts ?? []),
} satisfies z.Fields<PlaybookStepResult>);

/** `GET /playbooks/{id}/runs/{runId}`. Steps are found by position, so none may be left out. */
export const playbookRun: z.Schema<PlaybookRun> = z.map(
  z.looseObject({ _id: filledString, status: anyString, stepResults: z.array(stepResult) }),
  ({ _id: id, ...rest }) => ({ id, ...rest }),
);
