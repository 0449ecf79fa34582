import { ConfigurationError } from '../errors.js';
import { termFinder } from '../text.js';
import type { KeywordTriggerOptions, SentimentTriggerOptions, Trigger, TriggerInput } from './types.js';
import { checkKind, checkOptions } from '../options.js';

/**
 * Fires on each keyword in the transcript. It ignores case (by Unicode's full case folding, with the Turkish `İ` and
 * `ı` as `i`), width and compatibility forms, the kind of quotes, hyphens and whitespace, and invisible characters.
 *
 * @throws `ConfigurationError` if a keyword is blank.
 * @example
 * ```ts
 * import { keywordTrigger } from 'agent-assist-sdk';
 *
 * const trigger = keywordTrigger({ keywords: ['kündigen'], match: 'whole-word' });
 * trigger({ transcript: 'Ich will KÜNDIGEN!', sentimentScore: 0 }); // [{ type: 'keyword', keyword: 'kündigen' }]
 * ```
 */
export function keywordTrigger(options: KeywordTriggerOptions = {}): Trigger {
  checkOptions('keywordTrigger', options, { keywords: 'a list of strings', match: true });
  const { keywords = ['refund', 'cancel', 'complaint', 'escalate'], match = 'contains' } = options;
  const find = termFinder(keywords, match);
  return (update) => {
    const { transcript } = Object(update) as TriggerInput;
    checkKind('update.transcript', transcript, 'a string');
    return find(transcript).map((keyword) => ({ type: 'keyword', keyword }));
  };
}

/**
 * Fires when the sentiment is known and below the threshold.
 *
 * @throws `ConfigurationError` if the threshold is not a number.
 */
export function sentimentTrigger(options: SentimentTriggerOptions = {}): Trigger {
  checkOptions('sentimentTrigger', options, { threshold: 'a number' });
  const { threshold = -0.4 } = options;
  if (Number.isNaN(threshold)) throw new ConfigurationError('threshold: expected a number');
  return (update) => {
    checkKind('update', update, 'an object');
    const { sentimentScore } = update;
    return sentimentScore !== undefined && sentimentScore < threshold
      ? [{ type: 'sentiment', score: sentimentScore, threshold }]
      : [];
  };
}
