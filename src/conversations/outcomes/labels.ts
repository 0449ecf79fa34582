import type { AlertVerdict } from '../../calibration/types.js';
import { ConfigurationError } from '../../errors.js';
import type { InsightDecision } from '../../insights/types.js';
import { LinkedMap } from '../../linked-map.js';
import { checkCounts, checkKind, checkOptions } from '../../options.js';
import { checkNumbers, checkUpdate } from '../choose/input.js';
import type { LabelledUpdate } from '../choose/types.js';

/** An alert that was raised, with the numbers that raised it and the cards that the agent saw. */
export interface RaisedAlert extends Pick<LabelledUpdate, 'scores' | 'keywordHits'> {
  readonly interactionId: string;
  /** Ids of the alert's cards. Not empty. */
  readonly insightIds: readonly string[];
}

/** A person's verdict on an alert, as for `PrecisionTracker`. */
export interface AlertReview {
  readonly interactionId: string;
  /** Id of one of the alert's cards. */
  readonly insightId: string;
  readonly verdict: AlertVerdict;
}

/** Options of {@link OutcomeLabels}. */
export interface OutcomeLabelsOptions {
  /**
   * Limit of alerts that wait for a decision; above it the oldest one is dropped without a label.
   *
   * @defaultValue 10,000
   */
  readonly capacity?: number | undefined;
}

const EVENTS: readonly string[] = ['INSIGHT_ACCEPTED', 'INSIGHT_REJECTED'];
const VERDICTS: readonly string[] = ['true-positive', 'false-positive'];

interface OpenAlert extends RaisedAlert {
  /** Cards that nobody has rejected. */
  readonly open: Set<string>;
  /** How many of its cards no newer alert has. */
  owned: number;
}

const keyOf = (interactionId: string, insightId: string): string => JSON.stringify([interactionId, insightId]);

/**
 * Turns decisions of agents and reviewers on alerts into labelled examples for `tuneAlerts`. An alert is right as soon
 * as the agent accepts one of its cards, and wrong when all of them were rejected. A review decides the whole alert.
 * The first decision counts, and an alert without one yields no label.
 *
 * @example
 * ```ts
 * import { OutcomeLabels, type LabelledUpdate } from 'agent-assist-sdk/conversations';
 *
 * const labels = new OutcomeLabels();
 * labels.raise({ interactionId: 'call-1', insightIds: ['kb-7', 'kb-9'], scores: { sentiment: -0.6 } });
 *
 * const examples: LabelledUpdate[] = [];
 * const label = labels.decide({ type: 'INSIGHT_ACCEPTED', interactionId: 'call-1', insightId: 'kb-9' }); // from the stream
 * if (label !== undefined) examples.push(label);
 * ```
 */
export class OutcomeLabels {
  readonly #capacity: number;
  /** In the order in which they were raised. */
  readonly #alerts = new LinkedMap<OpenAlert, OpenAlert>();
  readonly #byCard = new Map<string, OpenAlert>();
  #dropped = 0;

  /** @throws `ConfigurationError` for an option that is unknown or out of range. */
  constructor(options: OutcomeLabelsOptions = {}) {
    checkOptions('OutcomeLabels', options, { capacity: true });
    this.#capacity = options.capacity ?? 10_000;
    checkCounts({ capacity: this.#capacity });
  }

  /**
   * Keeps an alert until it is decided. A decision on a card that several alerts of an interaction share applies to the
   * newest of them. So an alert whose cards were all raised again is dropped, because no decision can apply to it
   * anymore.
   *
   * @throws `ConfigurationError` without a card, or for a value of the wrong type.
   */
  raise(raised: RaisedAlert): void {
    checkKind('raise', raised, 'an object', 'an alert');
    checkNumbers('', raised);
    const { interactionId, keywordHits } = raised;
    checkKind('interactionId', interactionId, 'a string');
    checkKind('insightIds', raised.insightIds, 'a list of strings');
    const insightIds = [...raised.insightIds];
    if (insightIds.length === 0) throw new ConfigurationError('insightIds: expected at least one id');
    const open = new Set(insightIds);
    const scores = { ...raised.scores };
    const alert: OpenAlert = { interactionId, insightIds, scores, keywordHits, open, owned: open.size };
    this.#alerts.set(alert, alert);
    for (const insightId of open) {
      const key = keyOf(interactionId, insightId);
      const older = this.#byCard.get(key);
      this.#byCard.set(key, alert);
      if (older === undefined) continue;
      older.owned -= 1;
      if (older.owned === 0) this.#drop(older);
    }
    const { first: oldest } = this.#alerts;
    if (oldest !== undefined && this.#alerts.size > this.#capacity) this.#drop(oldest);
  }

  /**
   * Takes a decision: an event of the stream, or a review.
   *
   * @returns the label if this decides an alert, otherwise `undefined`.
   * @throws `ConfigurationError` for anything other than an accept, a reject or a review.
   */
  decide(decision: InsightDecision | AlertReview): LabelledUpdate | undefined {
    checkKind('decision', decision, 'an object', 'an event of the stream, or a review');
    const { interactionId, insightId } = decision;
    const isReview = 'verdict' in decision;
    const verdict: string = isReview ? decision.verdict : decision.type;
    if (!(isReview ? VERDICTS : EVENTS).includes(verdict))
      throw new ConfigurationError(`decision: expected one of ${[...EVENTS, ...VERDICTS].join(', ')}`);
    const alert = this.#byCard.get(keyOf(interactionId, insightId));
    if (alert === undefined) return undefined;
    const label = verdict === 'true-positive' || verdict === 'INSIGHT_ACCEPTED';
    alert.open.delete(insightId);
    if (!label && !isReview && alert.open.size > 0) return undefined;
    this.#remove(alert);
    const { scores, keywordHits } = alert;
    return { conversationId: interactionId, label, scores, ...(keywordHits === undefined ? {} : { keywordHits }) };
  }

  /** Number of alerts that wait for a decision. */
  get pending(): number {
    return this.#alerts.size;
  }

  /** Number of alerts that were dropped without a decision: there were too many, or all of their cards were raised again. */
  get dropped(): number {
    return this.#dropped;
  }

  #drop(alert: OpenAlert): void {
    this.#remove(alert);
    this.#dropped += 1;
  }

  #remove(alert: OpenAlert): void {
    this.#alerts.delete(alert);
    for (const insightId of alert.insightIds) {
      const key = keyOf(alert.interactionId, insightId);
      if (this.#byCard.get(key) === alert) this.#byCard.delete(key);
    }
  }
}

/**
 * Returns one outcome for each conversation, for `DriftDetector.observe`: the share of its alerts that were right, in
 * the order of their first labels.
 *
 * @throws `ConfigurationError` for a label of the wrong type, with its place.
 */
export function outcomesByConversation(labels: Iterable<LabelledUpdate>): readonly number[] {
  const counts = new Map<string, { alerts: number; right: number }>();
  checkKind(
    'labels',
    (labels as Partial<Iterable<LabelledUpdate>> | null)?.[Symbol.iterator],
    'a function',
    'an iterable of labels',
  );
  let index = 0;
  for (const update of labels) {
    checkUpdate(`labels[${index}]`, update);
    index += 1;
    const { conversationId, label } = update;
    const { alerts, right } = counts.get(conversationId) ?? { alerts: 0, right: 0 };
    counts.set(conversationId, { alerts: alerts + 1, right: right + (label ? 1 : 0) });
  }
  return Array.from(counts.values(), ({ alerts, right }) => right / alerts);
}
