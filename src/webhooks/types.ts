/** Event types of protocol 10. Other types are passed on unchanged. */
export type WebhookEventType = 'sentiment.calibration.updated' | 'agentassist.alert.triggered' | (string & {});

/**
 * Data of `sentiment.calibration.updated`. The tutorials do not define it. The fields named here, known from protocol
 * 6, are checked if present (`jobId` also as `job_id`); other fields are kept unchanged.
 */
export interface CalibrationUpdatedData {
  /** Id of the calibration job, for `CalibrationClient.get`. */
  readonly jobId?: string | undefined;
  /** Status of the job: `queued`, `running`, `completed`, `failed` or another one. */
  readonly status?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/**
 * Data of `agentassist.alert.triggered`. The tutorials do not define it. The fields named here, known from protocol 6,
 * are checked if present (`interactionId` also as `interaction_id`); other fields are kept unchanged.
 */
export interface AlertTriggeredData {
  readonly interactionId?: string | undefined;
  readonly emotion?: string | undefined;
  /** Confidence of the classification, 0 to 1. */
  readonly confidence?: number | undefined;
  /** The threshold that the confidence exceeded, 0.0 to 0.95. */
  readonly threshold?: number | undefined;
  /** What the alert does: `block`, `notify`, `escalate`, `log` or another directive. */
  readonly directive?: string | undefined;
  /** Further fields under their wire names. */
  readonly [field: string]: unknown;
}

/** An event of a webhook's body (protocol 10). */
export interface WebhookEvent<Type extends string = WebhookEventType, Data = unknown> {
  readonly type: Type;
  /** Time of the event, ISO 8601 as sent. */
  readonly timestamp: string;
  readonly data: Data;
  /** Further fields of the body. */
  readonly [field: string]: unknown;
}

/** The events with typed data, by their type. */
export interface WebhookEventMap {
  /** Sentiment thresholds were changed. */
  readonly 'sentiment.calibration.updated': WebhookEvent<'sentiment.calibration.updated', CalibrationUpdatedData>;
  /** An alert of a calibrated interaction fired. */
  readonly 'agentassist.alert.triggered': WebhookEvent<'agentassist.alert.triggered', AlertTriggeredData>;
}

/** A webhook to register (protocol 4). */
export interface WebhookRegistrationRequest {
  /** Where the platform sends events, checked by `assertWebhookTarget`. */
  readonly url: string | URL;
  /** Event types; at least one. */
  readonly events: readonly WebhookEventType[];
  /** The signing secret: `whsec_` and base64. `generateWebhookSecret` creates one. */
  readonly secret: string | undefined;
  /** Whether the platform sends events. @defaultValue true */
  readonly active?: boolean | undefined;
}

/** A registered webhook. A secret in the response is left out. */
export interface WebhookRegistration {
  readonly id?: string | undefined;
  /** Where the platform sends events. */
  readonly url?: string | undefined;
  /** Event types that are sent. */
  readonly events?: readonly WebhookEventType[] | undefined;
  /** Whether events are sent. */
  readonly active?: boolean | undefined;
  /** Further fields of the response. */
  readonly [field: string]: unknown;
}
