import { ConfigurationError } from '../errors.js';
import { checkFields, checkOptions } from '../options.js';
import { findTerms } from '../text.js';

/** Emotions that the platform distinguishes (protocol 6). */
export type Emotion = 'anger' | 'frustration' | 'satisfaction' | 'confusion';

const EMOTIONS: ReadonlySet<string> = new Set<Emotion>(['anger', 'frustration', 'satisfaction', 'confusion']);

/** An interaction with its classified emotion. */
export interface ClassifiedInteraction {
  readonly interactionId: string;
  /** What was said. */
  readonly text: string;
  /** The classified emotion, case-sensitive. An emotion that the platform does not distinguish does not pass. */
  readonly emotion: Emotion | (string & {});
  /** Confidence of the classification, 0 to 1. */
  readonly confidence: number;
}

/** Options of {@link verifyInteraction}. */
export interface VerificationOptions {
  /** Terms of the business (protocol 6). @defaultValue `billing`, `outage`, `refund`, `latency`, `sla` */
  readonly domainTerms?: readonly string[] | undefined;
  /** Minimum confidence of the classification, 0 to 1 (protocol 6). @defaultValue 0.8 */
  readonly minConfidence?: number | undefined;
}

/** The text contains no domain term. */
export interface NoDomainTerm {
  readonly type: 'no-domain-term';
}

/** The platform does not distinguish this emotion. */
export interface UnknownEmotion {
  readonly type: 'unknown-emotion';
  readonly emotion: string;
}

/** The confidence of the classification is too low. */
export interface LowConfidence {
  readonly type: 'confidence';
  /** The confidence, 0 to 1. */
  readonly confidence: number;
  /** The minimum confidence, 0 to 1. */
  readonly minConfidence: number;
}

/** Why an interaction did not pass. */
export type VerificationFailure = NoDomainTerm | UnknownEmotion | LowConfidence;

/** What the verification found. */
export interface Verification {
  readonly interactionId: string;
  /** Whether the interaction may be used for a calibration. */
  readonly passed: boolean;
  /** The domain terms in the text, as configured. */
  readonly domainTerms: readonly string[];
  /** The reasons against it. */
  readonly failures: readonly VerificationFailure[];
}

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
  // Also true for NaN.
  if (!(confidence >= minConfidence)) failures.push({ type: 'confidence', confidence, minConfidence });
  return { interactionId, passed: failures.length === 0, domainTerms: found, failures };
}
