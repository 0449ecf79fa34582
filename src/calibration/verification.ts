import { ConfigurationError } from '../errors.js';
import { checkFields, checkOptions } from '../options.js';
import { findTerms } from '../text.js';
import type {
  ClassifiedInteraction,
  Emotion,
  Verification,
  VerificationFailure,
  VerificationOptions,
} from './types.js';

const EMOTIONS: ReadonlySet<string> = new Set<Emotion>(['anger', 'frustration', 'satisfaction', 'confusion']);

/**
 * Checks whether an interaction may be used for a calibration (protocol 6): its text contains a domain term as a whole
 * word, in any case, and its emotion is known and has the minimum confidence. Words can be of any script; a term may
 * contain symbols, e.g. `c++`.
 *
 * @throws `ConfigurationError` if a term is blank or `minConfidence` is not between 0 and 1.
 * @example
 * ```ts
 * import { verifyInteraction } from 'agent-assist-sdk/calibration';
 *
 * const { passed, failures } = verifyInteraction({
 *   interactionId: 'conv_8f3a2c1d',
 *   text: 'Severe billing latency again!',
 *   emotion: 'frustration',
 *   confidence: 0.92,
 * });
 * ```
 */
export function verifyInteraction(interaction: ClassifiedInteraction, options: VerificationOptions = {}): Verification {
  checkOptions('verifyInteraction', options, { domainTerms: 'a list of strings', minConfidence: 'a number' });
  checkFields('interaction', interaction, { text: 'a string' });
  const { interactionId, text, emotion, confidence } = interaction;
  const { domainTerms = ['billing', 'outage', 'refund', 'latency', 'sla'], minConfidence = 0.8 } = options;
  if (!(minConfidence >= 0 && minConfidence <= 1)) throw new ConfigurationError('minConfidence: expected 0 to 1');
  const found = findTerms(text, domainTerms, 'whole-word');

  const failures: VerificationFailure[] = [];
  if (found.length === 0) failures.push({ type: 'no-domain-term' });
  if (!EMOTIONS.has(emotion)) failures.push({ type: 'unknown-emotion', emotion });
  // Also true for NaN, and for a percentage, e.g. 45.
  if (!(confidence >= minConfidence && confidence <= 1))
    failures.push({ type: 'confidence', confidence, minConfidence });
  return { interactionId, passed: failures.length === 0, domainTerms: found, failures };
}
