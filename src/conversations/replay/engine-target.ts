import { AgentAssistError, RequestValidationError } from '../../errors.js';
import { syncResult } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import { checkOptions } from '../../options.js';
import { AssistEngine, engineOptions } from '../../suggestions/engine.js';
import type {
  AssistEngineOptions,
  AssistOutcome,
  SuggestionSource,
  SuggestRequest,
  TriggerReason,
} from '../../suggestions/types.js';
import type { RecordedEvent } from '../types.js';
import type { ReplayEffect } from './outcome.js';
import type { ReplayTarget } from './replay.js';
import { VirtualClock } from './virtual-clock.js';

/** Options of {@link engineTarget}: those of the engine, except its clock. */
export interface EngineTargetOptions<Update extends SuggestRequest = SuggestRequest> extends Omit<
  AssistEngineOptions<Update>,
  'clock'
> {
  /**
   * Returns the state of an interaction that an event stands for, e.g. of an utterance; `undefined` for none.
   *
   * @defaultValue the payload of an `INTERACTION_UPDATE`
   */
  readonly updateOf?: ((event: RecordedEvent) => Update | undefined) | undefined;
}

/**
 * Creates an {@link AssistEngine} as the target of a replay: no sockets, and a virtual clock, so that a day takes
 * seconds. Pauses and the cache follow the recorded times, and a response from `client` takes no time. An update that
 * the engine skips has no outcome.
 *
 * @param options - `client` should respond from memory, or from a system that always gives the same answer.
 * @throws `ConfigurationError` like the engine.
 */
export function engineTarget<Update extends SuggestRequest = SuggestRequest>(
  options: EngineTargetOptions<Update>,
): ReplayTarget {
  checkOptions<EngineTargetOptions<Update>>('engineTarget', options, { ...engineOptions, updateOf: 'a function' });
  const { updateOf = payloadOf as (event: RecordedEvent) => Update | undefined, client, ...rest } = options;
  const clock = new VirtualClock();
  let calls = 0;
  const counted: SuggestionSource = {
    suggest: (request, callOptions) => {
      calls += 1;
      return client.suggest(request, callOptions);
    },
  };
  // Without a client the engine itself complains.
  const source = (client as SuggestionSource | undefined) === undefined ? client : counted;
  const engine = new AssistEngine<Update>({ ...rest, client: source, clock });
  return {
    deliver: ({ receivedAt, event }, { signal }) => {
      clock.advanceTo(receivedAt);
      const update = syncResult('updateOf', updateOf(event));
      if (update === undefined) return undefined;
      const before = calls;
      return engine.handle(update, { signal }).then(
        (outcome) => (outcome.status === 'skipped' ? undefined : effectOf(update, outcome, calls - before)),
        (error: unknown) => {
          if (!(error instanceof RequestValidationError)) throw error;
          return { status: 'refused', error: error.code, asked: [], shown: [], calls: calls - before };
        },
      );
    },
  };
}

function payloadOf({ type, payload }: RecordedEvent): SuggestRequest | undefined {
  return type === 'INTERACTION_UPDATE' && isRecord(payload) ? (payload as unknown as SuggestRequest) : undefined;
}

function effectOf(update: SuggestRequest, outcome: AssistOutcome, calls: number): ReplayEffect {
  const { interactionId, transcript } = update;
  const { status, suggestions, reasons } = outcome;
  return {
    interactionId,
    status,
    ...(outcome.status === 'fallback' && { error: codeOf(outcome.error) }),
    asked: [{ text: transcript, reasons: reasons.map(reasonText) }],
    shown: suggestions,
    calls,
  };
}

/** Without the score and the threshold: a question stays the same if the threshold that it passes is another one. */
function reasonText(reason: TriggerReason): string {
  if (reason.type === 'keyword') return `keyword ${reason.keyword}`;
  return reason.type === 'custom' ? `custom ${reason.name}` : 'sentiment';
}

function codeOf(error: unknown): string {
  if (error instanceof AgentAssistError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
