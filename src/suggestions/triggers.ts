import { ConfigurationError } from '../errors.js';
import { termFinder, type TermMatch } from '../text.js';

/** What a trigger looks at. */
export interface TriggerInput {
  /** What was said. */
  readonly transcript: string;
  /** The customer's sentiment, negative below 0; absent where it is not known. */
  readonly sentimentScore?: number | undefined;
}

/** A keyword was said. */
export interface KeywordReason {
  /** A keyword. */
  readonly type: 'keyword';
  /** The keyword, as it was configured. */
  readonly keyword: string;
}

/** The sentiment fell below the threshold. */
export interface SentimentReason {
  /** The sentiment. */
  readonly type: 'sentiment';
  /** The sentiment that was seen. */
  readonly score: number;
  /** The threshold that it is below. */
  readonly threshold: number;
}

/** A trigger of the consumer's own fired. */
export interface CustomReason {
  /** A trigger of the consumer's own. */
  readonly type: 'custom';
  /** The trigger's name. */
  readonly name: string;
}

/** Why a trigger fired. */
export type TriggerReason = KeywordReason | SentimentReason | CustomReason;

/**
 * Looks at an interaction and says every reason to ask for suggestions; none means that it does not fire. It gets the whole
 * of what the engine handles, so a trigger of one's own may look at further fields: `Trigger<InteractionUpdate>`.
 */
export type Trigger<Input extends TriggerInput = TriggerInput> = (input: Input) => readonly TriggerReason[];

/** Options of {@link keywordTrigger}. */
export interface KeywordTriggerOptions {
  /** Words or phrases. Default `refund`, `cancel`, `complaint`, `escalate` (protocol 8). */
  readonly keywords?: readonly string[] | undefined;
  /**
   * `contains` finds `refund` inside `refunded` too; `whole-word` only where no letter, digit, combining mark or
   * underscore of any script touches it. Default `contains`, as protocol 8 says.
   */
  readonly match?: TermMatch | undefined;
}

/** Options of {@link sentimentTrigger}. */
export interface SentimentTriggerOptions {
  /** Fires below this, not at it. Default −0.4 (protocol 8). */
  readonly threshold?: number | undefined;
}

const KEYWORDS: readonly string[] = ['refund', 'cancel', 'complaint', 'escalate'];
const SENTIMENT_THRESHOLD = -0.4;

/**
 * Fires on each keyword that the transcript has. Case (by Unicode's full case folding, the Turkish `İ` and `ı` as `i`), width
 * and compatibility forms, the kind of quotes, hyphens and whitespace, and invisible characters make no difference.
 *
 * @throws `ConfigurationError` when a keyword is blank.
 * @example
 * ```ts
 * import { keywordTrigger } from 'agent-assist-sdk';
 *
 * const trigger = keywordTrigger({ keywords: ['kündigen'], match: 'whole-word' });
 * trigger({ transcript: 'Ich will KÜNDIGEN!', sentimentScore: 0 }); // [{ type: 'keyword', keyword: 'kündigen' }]
 * ```
 */
export function keywordTrigger(options: KeywordTriggerOptions = {}): Trigger {
  const { keywords = KEYWORDS, match = 'contains' } = options;
  const find = termFinder(keywords, match);
  return ({ transcript }) => find(transcript).map((keyword) => ({ type: 'keyword', keyword }));
}

/**
 * Fires when the sentiment is known and below the threshold.
 *
 * @throws `ConfigurationError` when the threshold is not a number.
 */
export function sentimentTrigger(options: SentimentTriggerOptions = {}): Trigger {
  const { threshold = SENTIMENT_THRESHOLD } = options;
  if (Number.isNaN(threshold)) throw new ConfigurationError('threshold: expected a number');
  return ({ sentimentScore }) =>
    sentimentScore !== undefined && sentimentScore < threshold
      ? [{ type: 'sentiment', score: sentimentScore, threshold }]
      : [];
}

/** Asks every trigger; the reasons come in the order of the triggers. */
export function evaluateTriggers<Input extends TriggerInput>(
  triggers: readonly Trigger<Input>[],
  input: Input,
): readonly TriggerReason[] {
  return triggers.flatMap((trigger) => {
    const reasons: unknown = trigger(input);
    if (!Array.isArray(reasons)) throw new ConfigurationError('triggers: expected a list of reasons, e.g. [] for none');
    return reasons as readonly TriggerReason[];
  });
}
