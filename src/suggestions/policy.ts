import { ConfigurationError } from '../errors.js';
import { checkFields, checkKind, checkOptions, type Known } from '../options.js';
import { PROHIBITED_PHRASES, termFinder } from '../text.js';
import type { DroppedSuggestion, PolicyOptions, PolicyViolation, Suggestion, SuggestionPolicy } from './types.js';

const KNOWN: Known<PolicyOptions> = {
  prohibitedPhrases: 'a list of strings',
  minConfidence: 'a number',
  missingConfidence: true,
};

/** A widget configuration fits as options. */
const OF_THE_WIDGET: object = {
  maxSuggestions: true,
  enableSentimentTrigger: true,
  enableKeywordTrigger: true,
  refreshIntervalMs: true,
};

/**
 * Creates the policy of protocol 8. Phrases match regardless of case, width, compatibility form, quotes and hyphens,
 * across line breaks and runs of spaces, and with invisible characters inside. Lookalike letters of other scripts, e.g.
 * the Cyrillic `а`, do not match.
 *
 * @throws `ConfigurationError` for an unknown option, if a phrase is blank, `minConfidence` is not in 0 to 1, or `missingConfidence` is
 * neither `drop` nor `approve`.
 *
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
  checkOptions('suggestionPolicy', options, { ...KNOWN, ...OF_THE_WIDGET });
  const { prohibitedPhrases = PROHIBITED_PHRASES, minConfidence = 0.75, missingConfidence = 'drop' } = options;

  if (!(minConfidence >= 0 && minConfidence <= 1)) throw new ConfigurationError('minConfidence: expected 0 to 1');
  if (!['drop', 'approve'].includes(missingConfidence))
    throw new ConfigurationError('missingConfidence: expected drop or approve');

  const find = termFinder(prohibitedPhrases, 'contains');

  return (suggestions) => {
    checkKind('suggestions', suggestions, 'a list of objects');
    const approved: Suggestion[] = [];
    const dropped: DroppedSuggestion[] = [];
    for (const [index, suggestion] of suggestions.entries()) {
      checkFields(`suggestions[${index}]`, suggestion, { text: 'a string' });
      const { text, confidence } = suggestion;
      const violations: PolicyViolation[] = find(text).map((phrase) => ({ type: 'phrase', phrase }));
      const isKnown = confidence !== undefined && confidence >= 0 && confidence <= 1;
      const isSure = isKnown ? confidence >= minConfidence : missingConfidence === 'approve';
      if (!isSure) violations.push({ type: 'confidence', confidence, minConfidence });
      if (violations.length === 0) approved.push(suggestion);
      else dropped.push({ suggestion, violations });
    }
    return { approved, dropped };
  };
}
