/**
 * Standard Webhooks: registered, received, verified, sent.
 *
 * Guide: [Webhooks](../../docs/webhooks.md).
 *
 * @module agent-assist-sdk/webhooks
 */

export { WebhooksClient } from './client.js';
export {
  isWebhookEvent,
  type AlertTriggeredData,
  type CalibrationUpdatedData,
  type WebhookEvent,
  type WebhookEventMap,
  type WebhookEventType,
} from './events.js';
export { WebhookNotifier, type NotifyOptions, type NotifyResult, type WebhookNotifierOptions } from './notifier.js';
export {
  createWebhookHandler,
  type WebhookContext,
  type WebhookEventHandler,
  type WebhookEventHandlers,
  type WebhookHandlerOptions,
} from './handler.js';
export type { WebhookRegistration, WebhookRegistrationRequest } from './schemas.js';
export { generateWebhookSecret, type WebhookSecret, type WebhookSecrets } from './secret.js';
export type { SeenWebhookStore } from './seen.js';
export {
  signWebhook,
  type ReceivedHeaders,
  type SignatureOptions,
  type SignedWebhookHeaders,
  type SignWebhookOptions,
  type WebhookHeaderNames,
  type WebhookBody,
} from './signature.js';
export { assertWebhookTarget, type WebhookTargetOptions } from './target.js';
export { forgetWebhook, verifyWebhook, type VerifyWebhookOptions } from './verify.js';
