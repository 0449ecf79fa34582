import { ConfigurationError } from '../errors.js';
import { termFinder } from '../text.js';

/** The emotions that the platform tells apart (protocol 6). */
export type Emotion = 'anger' | 'frustration' | 'satisfaction' | 'confusion';

const EMOTIONS: ReadonlySet<string> = new Set<Emotion>(['anger', 'frustration', 'satisfaction', 'confusion']);

/** An interaction with its classified emotion. */
export interface ClassifiedInteraction {
  /** The interaction. */
  readonly interactionId: string;
  /** What was said. */
  readonly text: string;
  /** The emotion that was classified, compared exactly. One that the platform does not tell apart does not pass. */
  readonly emotion: Emotion | (string & {});
  /** How sure the classification is, 0 to 1. */
  readonly confidence: number;
}

/** Options of {@link verifyInteraction}. */
export interface VerificationOptions {
  /** Terms of the business. Default `billing`, `outage`, `refund`, `latency`, `sla` (protocol 6). */
  readonly domainTerms?: readonly string[] | undefined;
  /** How sure the classification must be, 0 to 1. Default 0.8 (protocol 6). */
  readonly minConfidence?: number | undefined;
}

/** No domain term is in the text. */
export interface NoDomainTerm {
  /** No domain term is in the text. */
  readonly type: 'no-domain-term';
}

/** The platform does not tell this emotion apart. */
export interface UnknownEmotion {
  /** The emotion is none that the platform tells apart. */
  readonly type: 'unknown-emotion';
  /** The emotion, as it was given. */
  readonly emotion: string;
}

/** The classification is not sure enough. */
export interface LowConfidence {
  /** The classification is not sure enough. */
  readonly type: 'confidence';
  /** How sure it is. */
  readonly confidence: number;
  /** How sure it has to be. */
  readonly minConfidence: number;
}

/** Why an interaction did not pass. */
export type VerificationFailure = NoDomainTerm | UnknownEmotion | LowConfidence;

/** What the verification found. */
export interface Verification {
  /** The interaction. */
  readonly interactionId: string;
  /** Whether it may enter a calibration: no failure. */
  readonly passed: boolean;
  /** The domain terms in the text, as they were configured. */
  readonly domainTerms: readonly string[];
  /** Everything that speaks against it. */
  readonly failures: readonly VerificationFailure[];
}

const DOMAIN_TERMS: readonly string[] = ['billing', 'outage', 'refund', 'latency', 'sla'];
const MIN_CONFIDENCE = 0.8;

/**
 * Whether an interaction may enter a calibration (protocol 6): its text has a domain term as a whole word in any case,
 * and its emotion is a known one and was classified surely enough. Words are those of any script; a term may have signs
 * in it, such as `c++`.
 *
 * @throws `ConfigurationError` when a term is blank or `minConfidence` is not in 0 to 1.
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
  const { interactionId, text, emotion, confidence } = interaction;
  const { domainTerms = DOMAIN_TERMS, minConfidence = MIN_CONFIDENCE } = options;
  if (!(minConfidence >= 0 && minConfidence <= 1)) throw new ConfigurationError('minConfidence: expected 0 to 1');
  const found = termFinder(domainTerms, 'whole-word')(text);

  const failures: VerificationFailure[] = [];
  if (found.length === 0) failures.push({ type: 'no-domain-term' });
  if (!EMOTIONS.has(emotion)) failures.push({ type: 'unknown-emotion', emotion });
  // Also true of a confidence that is no number.
  if (!(confidence >= minConfidence)) failures.push({ type: 'confidence', confidence, minConfidence });
  return { interactionId, passed: failures.length === 0, domainTerms: found, failures };
}
