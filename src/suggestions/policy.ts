import { ConfigurationError } from '../errors.js';
import { termFinder } from '../text.js';
import type { Suggestion } from './schemas.js';

/** A prohibited phrase is in the text. */
export interface PhraseViolation {
  /** A prohibited phrase. */
  readonly type: 'phrase';
  /** The phrase, as it was configured. */
  readonly phrase: string;
}

/** The confidence is too low. */
export interface ConfidenceViolation {
  /** Too little confidence. */
  readonly type: 'confidence';
  /** The suggestion's confidence, 0 to 1; absent where it has none. */
  readonly confidence?: number | undefined;
  /** What it had to reach. */
  readonly minConfidence: number;
}

/** A rule of the policy that a suggestion breaks. */
export type PolicyViolation = PhraseViolation | ConfidenceViolation;

/** A suggestion that the policy keeps from the agent. */
export interface DroppedSuggestion {
  /** The suggestion. */
  readonly suggestion: Suggestion;
  /** Every rule that it breaks, phrases first. */
  readonly violations: readonly PolicyViolation[];
}

/** What a policy decided. */
export interface PolicyVerdict {
  /** What the agent may see, in the order given. */
  readonly approved: readonly Suggestion[];
  /** What not, and why. */
  readonly dropped: readonly DroppedSuggestion[];
}

/** Sorts suggestions into those that an agent may see and those that are dropped. */
export type SuggestionPolicy = (suggestions: readonly Suggestion[]) => PolicyVerdict;

/** Options of {@link suggestionPolicy}. A widget configuration fits as it is. */
export interface PolicyOptions {
  /** Default: `guarantee full refund`, `legal action`, `sue the company` (protocol 8). */
  readonly prohibitedPhrases?: readonly string[] | undefined;
  /** A suggestion below this is dropped; 0 to 1. Default 0.75 (protocol 8). */
  readonly minConfidence?: number | undefined;
}

const PROHIBITED_PHRASES: readonly string[] = ['guarantee full refund', 'legal action', 'sue the company'];
const MIN_CONFIDENCE = 0.75;

/**
 * The policy of protocol 8. A phrase is found whatever its case, width, compatibility form, quotes and hyphens, also across
 * line breaks and runs of spaces, and with invisible characters inside. Letters of other scripts that look alike, e.g. the
 * Cyrillic `а`, are other letters and hide a phrase.
 *
 * @throws `ConfigurationError` when a phrase is blank or `minConfidence` is not in 0 to 1.
 * @example
 * ```ts
 * import { suggestionPolicy } from 'agent-assist-sdk';
 *
 * const policy = suggestionPolicy({ minConfidence: 0.8 });
 * const { approved, dropped } = policy([{ text: 'We avoid legal\naction.', confidence: 0.9 }]);
 * // approved: [], dropped[0].violations: [{ type: 'phrase', phrase: 'legal action' }]
 * ```
 */
export function suggestionPolicy(options: PolicyOptions = {}): SuggestionPolicy {
  const { prohibitedPhrases = PROHIBITED_PHRASES, minConfidence = MIN_CONFIDENCE } = options;
  if (!(minConfidence >= 0 && minConfidence <= 1)) throw new ConfigurationError('minConfidence: expected 0 to 1');
  const find = termFinder(prohibitedPhrases, 'contains');

  return (suggestions) => {
    const approved: Suggestion[] = [];
    const dropped: DroppedSuggestion[] = [];
    for (const suggestion of suggestions) {
      const { text, confidence } = suggestion;
      const violations: PolicyViolation[] = find(text).map((phrase) => ({ type: 'phrase', phrase }));
      // Without a confidence it is not sure enough either, whatever the minimum.
      if (confidence === undefined || !(confidence >= minConfidence))
        violations.push({ type: 'confidence', confidence, minConfidence });
      if (violations.length === 0) approved.push(suggestion);
      else dropped.push({ suggestion, violations });
    }
    return { approved, dropped };
  };
}
