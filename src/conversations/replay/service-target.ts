import { ConfigurationError } from '../../errors.js';
import { sleep, syncResult, systemClock } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import { checkKind, checkOptions } from '../../options.js';
import type { RecordedEvent } from '../types.js';
import { canonicalLine, type AskedQuestion, type ReplayEffect } from './outcome.js';
import type { ReplayContext, ReplayTarget } from './replay.js';
import type { VirtualClock } from './virtual-clock.js';

/** A call that the service under test made. The recorded requests of the embedded tenants fit. */
export interface ServiceCall {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Headers with lowercase names. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body parsed as JSON. */
  readonly json: unknown;
  /** Settles when the response was sent. */
  readonly finished: Promise<void>;
}

/** The calls that a service made, e.g. `tenant.requests` of an embedded tenant. */
export interface ServiceCalls {
  /** Number of calls since the start. */
  readonly total: number;
  /** The last calls, oldest first. */
  readonly all: readonly ServiceCall[];
}

/** Options of {@link serviceTarget}. */
export interface ServiceTargetOptions {
  /**
   * Sends an event to the service, e.g. `(event) => tenant.stream.send(event)`. Returns the number of receivers, or
   * nothing; or a promise of that.
   */
  readonly send: (event: RecordedEvent) => unknown;
  /** The calls that the service makes. */
  readonly calls: ServiceCalls;
  /**
   * Resolves when the service has handled the event. With it, outcomes do not depend on the machine's speed. For an event
   * that the service never hears of, e.g. one of an unknown type, it returns `undefined`: then the default applies.
   *
   * @defaultValue no call is open, and none was made for 50 ms of real time
   */
  readonly settled?: ((event: RecordedEvent, context: ReplayContext) => Promise<unknown> | undefined) | undefined;
  /**
   * The clock that the service uses for its engine and its queues. It gets the recorded time of each event, so that
   * pauses, caches and silences follow it.
   *
   * @defaultValue none; a service on the system's clock sees the recording faster or slower
   */
  readonly clock?: VirtualClock | undefined;
  /**
   * Returns the effect of a call: a question that it asks, or cards that it shows. For `undefined`, the call is only
   * counted. If no call shows cards, the cards are not reported.
   *
   * @defaultValue cards from a push of insights (protocol 8), no question from training feedback, otherwise a question
   */
  readonly effectOf?: ((call: ServiceCall) => Partial<Pick<ReplayEffect, 'asked' | 'shown'>> | undefined) | undefined;
}

const QUIET_MS = 50;
const POLL_MS = 5;
/** A part of a path that is a credential, and another one for each tenant, e.g. the token of a flow's endpoint. */
const URL_TOKEN = /(?<=\/)[\da-f]{40,}(?=\/|$)/gi;

/**
 * Sends a recording to a service under test, over the sockets of an embedded tenant, and records the calls of the
 * service. Calls of one event are put into an order of their own, since a service may make them at the same time.
 * Requests for tokens and upgrades to a stream are not counted.
 *
 * @throws `ConfigurationError` for an option that is missing or unknown.
 *
 * @example
 * ```ts
 * import { replay, serviceTarget } from 'agent-assist-sdk/conversations';
 *
 * const target = serviceTarget({ send: (event) => tenant.stream.send(event), calls: tenant.requests });
 * await replay('recordings/calls.jsonl', target, { outcomes: 'after.jsonl', speed: 100 });
 * ```
 */
export function serviceTarget(options: ServiceTargetOptions): ReplayTarget {
  checkOptions('serviceTarget', options, {
    send: 'a function',
    calls: 'anything',
    settled: 'a function',
    clock: 'a VirtualClock with advanceTo()',
    effectOf: 'a function',
  });
  const { send, calls, clock, effectOf = defaultEffectOf } = options;
  const { settled = () => undefined } = options;
  checkKind('send', send, 'a function');
  const hasCalls = isRecord(calls) && typeof calls.total === 'number' && Array.isArray(calls.all);
  checkKind('calls', hasCalls ? calls : undefined, 'an object', 'the calls of the service, e.g. tenant.requests');
  let seen = calls.total;
  return {
    deliver: async ({ receivedAt, event }, context) => {
      clock?.advanceTo(receivedAt);
      if ((await send(event)) === 0)
        throw new ConfigurationError('send: no client received the event; is the service connected?');
      await (settled(event, context) ?? quiet(calls, context.signal));
      const count = calls.total - seen;
      seen += count;
      const { all } = calls;
      if (count > all.length)
        throw new ConfigurationError(
          'calls: the service made more calls than the log keeps; raise the limit of the log',
        );
      const made = all.slice(all.length - count).filter(isCall);
      return made.length === 0 ? undefined : effect(event, made, effectOf);
    },
  };
}

function effect(
  event: RecordedEvent,
  made: readonly ServiceCall[],
  effectOf: NonNullable<ServiceTargetOptions['effectOf']>,
): ReplayEffect {
  const effects = made.map((call) => syncResult('effectOf', effectOf(call)));
  const interactionId = interactionIn(event);
  const cards = effects.flatMap((one) => (one?.shown === undefined ? [] : [one.shown]));
  return {
    ...(interactionId !== undefined && { interactionId }),
    // A retried call asks once.
    asked: inOrder(new Map(effects.flatMap((one) => one?.asked ?? []).map((asked) => [canonicalLine(asked), asked]))),
    ...(cards.length > 0 && { shown: inOrder(new Map(cards.flat().map((card) => [canonicalLine({ card }), card]))) }),
    calls: made.length,
  };
}

function inOrder<T>(byKey: ReadonlyMap<string, T>): readonly T[] {
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function interactionIn({ interactionId, payload }: RecordedEvent): string | undefined {
  const id = interactionId ?? (isRecord(payload) ? payload['interactionId'] : undefined);
  return typeof id === 'string' ? id : undefined;
}

function isCall({ path, headers }: ServiceCall): boolean {
  return headers['upgrade'] === undefined && !/\/token(?:\/|$)/.test(path);
}

function defaultEffectOf({ method, path, query, json }: ServiceCall): Partial<ReplayEffect> | undefined {
  const body = isRecord(json) ? json : {};
  if (Array.isArray(body['insights'])) return { shown: body['insights'] };
  if (typeof body['action'] === 'string') return undefined;
  const known = [body['transcript'], body['query'], body['text'], query.get('query'), query.get('q')];
  const words = known.find((part): part is string => typeof part === 'string');
  const asked: AskedQuestion = {
    call: `${method} ${path.replaceAll(URL_TOKEN, '[token]')}`,
    text: words ?? canonicalLine(body).trim(),
  };
  return { asked: [asked] };
}

/** Counts polls and not time: a process that was blocked finds no call in one poll, regardless of the time. */
async function quiet(calls: ServiceCalls, signal: AbortSignal): Promise<void> {
  let total = -1;
  for (let polls = 0; polls < QUIET_MS / POLL_MS; polls += 1) {
    if (total !== calls.total) {
      total = calls.total;
      await Promise.all(calls.all.map(({ finished }) => finished));
      polls = 0;
    }
    await sleep(systemClock, POLL_MS, signal);
  }
}
