import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { withinLimit, type Clock } from '../../../http/clock.js';
import type { CognigyFlow, CognigyOutput } from './flow.js';
import type { CognigySessions } from './sessions.js';

/** An assertion of a step, on the wire. */
export interface PlaybookAssert {
  readonly _id: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A step, on the wire. */
export interface PlaybookStep {
  readonly _id: string;
  readonly text?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly asserts: readonly PlaybookAssert[];
}

export interface RunnablePlaybook {
  readonly steps: readonly PlaybookStep[];
  readonly abortOnError: boolean;
  /** Limit of a step in ms. */
  readonly timeout: number;
}

interface Actual {
  readonly outputs: readonly CognigyOutput[];
  readonly context: Readonly<Record<string, unknown>>;
  readonly intent: string;
  readonly slots: readonly string[];
}

/** @internal Runs a playbook in a session of its own; answers the fields of its run. */
export async function runPlaybook(
  playbook: RunnablePlaybook,
  flow: CognigyFlow,
  sessions: CognigySessions,
  clock: Clock,
): Promise<{ readonly status: string; readonly stepResults: readonly object[] }> {
  const [userId, sessionId] = [`playbook-${randomUUID()}`, `playbook-${randomUUID()}`];
  const stepResults: { readonly status: string }[] = [];
  for (const step of playbook.steps) {
    const { text, data } = step;
    const late = new Error('the flow takes too long');
    const run = async (): Promise<readonly CognigyOutput[]> =>
      sessions.run(flow, { userId, sessionId, text, data, isTest: true });
    const outputs = await withinLimit(run, { clock, timeoutMs: playbook.timeout, timeoutError: () => late }).catch(
      (error: unknown) => {
        if (error !== late) throw error;
        return undefined;
      },
    );
    const { intent, entities } = flow.understand(text ?? '');
    const { context } = sessions.open(userId, sessionId);
    const slots = entities.map(({ type }) => type);
    const asserts = step.asserts.map((assert) => judge(assert, { outputs: outputs ?? [], context, intent, slots }));
    const isSuccessful = outputs !== undefined && asserts.every(({ status }) => status === 'successful');
    const result = { _id: step._id, text: text ?? '', data: data ?? {}, timeout: outputs === undefined, asserts };
    stepResults.push({ ...result, status: isSuccessful ? 'successful' : 'failed' });
    if (!isSuccessful && playbook.abortOnError) break;
  }
  const isFailed = stepResults.some(({ status }) => status === 'failed');
  return { status: isFailed ? 'failed' : 'successful', stepResults };
}

function judge(
  { _id, type, params }: PlaybookAssert,
  actual: Actual,
): { readonly status: string } & Readonly<Record<string, unknown>> {
  const { holds, seen } = compare(type, params, actual);
  const isNegated = params['negate'] === true;
  const status = holds === isNegated ? 'failed' : 'successful';
  return { _id, type, params, negate: isNegated, status, actual: seen };
}

function compare(
  type: string,
  params: Readonly<Record<string, unknown>>,
  { outputs, context, intent, slots }: Actual,
): { readonly holds: boolean; readonly seen: object } {
  const texts = outputs.map(({ text }) => text);
  switch (type) {
    case 'assertText': {
      const expected = String(params['text']);
      const isFuzzy = params['fuzzy'] === true;
      const holds = texts.some((text) => (isFuzzy ? folded(text).includes(folded(expected)) : text === expected));
      return { holds, seen: { text: texts.join(' ') } };
    }
    case 'assertData': {
      const data = outputs.map((output) => output.data);
      return { holds: data.some((one) => matches(one, params)), seen: { data: Object.assign({}, ...data) as object } };
    }
    case 'assertContext':
      return { holds: matches(context, params), seen: { context } };
    case 'assertIntent':
      return { holds: intent === params['intent'], seen: { intent } };
    case 'assertSlot':
      return { holds: slots.includes(String(params['slot'])), seen: { slots } };
    default:
      return { holds: params['state'] === 'default', seen: { state: 'default' } };
  }
}

function folded(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function matches(value: unknown, { data, partial }: Readonly<Record<string, unknown>>): boolean {
  if (partial !== true) return isDeepStrictEqual(value, data);
  if (typeof value !== 'object' || value === null || typeof data !== 'object' || data === null) {
    return isDeepStrictEqual(value, data);
  }
  return Object.entries(data).every(([name, expected]) =>
    matches((value as Readonly<Record<string, unknown>>)[name], { data: expected, partial }),
  );
}
