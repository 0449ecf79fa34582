/** Event types of protocol 10. A tenant may send others; they are passed on as they are. */
export type WebhookEventType = 'sentiment.calibration.updated' | 'agentassist.alert.triggered' | (string & {});

/**
 * Data of `sentiment.calibration.updated`. The documents give no shape: the fields named here, known from protocol 6,
 * are checked when the tenant sends them (`jobId` also as `job_id`); everything else stays as it came.
 */
export interface CalibrationUpdatedData {
  /** The calibration job, as `CalibrationClient.get` takes it. */
  readonly jobId?: string | undefined;
  /** Status of the job: `queued`, `running`, `completed`, `failed` or another one. */
  readonly status?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/**
 * Data of `agentassist.alert.triggered`. The documents give no shape: the fields named here, known from protocol 6,
 * are checked when the tenant sends them (`interactionId` also as `interaction_id`); everything else stays as it came.
 */
export interface AlertTriggeredData {
  /** The interaction that the alert belongs to. */
  readonly interactionId?: string | undefined;
  /** The emotion that triggered it. */
  readonly emotion?: string | undefined;
  /** How sure the classification was, 0 to 1. */
  readonly confidence?: number | undefined;
  /** The threshold that was crossed, 0.0 to 0.95. */
  readonly threshold?: number | undefined;
  /** What the alert asks for: `block`, `notify`, `escalate`, `log` or another one. */
  readonly directive?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/** An event as it arrives in a webhook's body (protocol 10). */
export interface WebhookEvent<Type extends string = WebhookEventType, Data = unknown> {
  /** What happened. */
  readonly type: Type;
  /** When it happened, ISO 8601 as sent. */
  readonly timestamp: string;
  /** What there is to know about it. */
  readonly data: Data;
  /** Further fields of the body. */
  readonly [field: string]: unknown;
}

/** The events whose data is typed, by their type. */
export interface WebhookEventMap {
  /** Sentiment thresholds were changed. */
  readonly 'sentiment.calibration.updated': WebhookEvent<'sentiment.calibration.updated', CalibrationUpdatedData>;
  /** An alert of a calibrated interaction fired. */
  readonly 'agentassist.alert.triggered': WebhookEvent<'agentassist.alert.triggered', AlertTriggeredData>;
}

/** A webhook to register (protocol 4). */
export interface WebhookRegistrationRequest {
  /** Where events are sent to; checked as `assertWebhookTarget` says. */
  readonly url: string | URL;
  /** Which events, at least one. */
  readonly events: readonly WebhookEventType[];
  /** The secret that events are signed with: `whsec_` and base64. `generateWebhookSecret` makes one. */
  readonly secret: string | undefined;
  /**
   * Whether events are sent from now on.
   *
   * @defaultValue true
   */
  readonly active?: boolean | undefined;
}

/** A registered webhook, as the tenant answered. A secret in the answer is left out. */
export interface WebhookRegistration {
  /** The tenant's id of the registration. */
  readonly id?: string | undefined;
  /** Where events are sent to. */
  readonly url?: string | undefined;
  /** Which events are sent. */
  readonly events?: readonly WebhookEventType[] | undefined;
  /** Whether events are sent. */
  readonly active?: boolean | undefined;
  /** Further fields of the answer. */
  readonly [field: string]: unknown;
}
