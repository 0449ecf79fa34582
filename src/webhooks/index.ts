/**
 * Standard Webhooks: registration, receiving, verification and sending.
 *
 * Guide: [Webhooks](../../docs/webhooks.md).
 *
 * @module agent-assist-sdk/webhooks
 */

export { WebhooksClient } from './client.js';
export { WebhookNotifier, type NotifyOptions, type NotifyResult, type WebhookNotifierOptions } from './notifier.js';
export {
  createWebhookHandler,
  type WebhookContext,
  type WebhookEventHandler,
  type WebhookEventHandlers,
  type WebhookHandlerOptions,
} from './handler.js';
export {
  signWebhook,
  type ReceivedHeaders,
  type SignatureOptions,
  type SignedWebhookHeaders,
  type SignWebhookOptions,
  type WebhookHeaderNames,
  type WebhookBody,
} from './signature.js';
export { generateWebhookSecret, type WebhookSecret, type WebhookSecrets } from './secrets.js';
export { assertWebhookTarget, type WebhookTargetOptions } from './target.js';
export type {
  AlertTriggeredData,
  CalibrationUpdatedData,
  WebhookEvent,
  WebhookEventMap,
  WebhookEventType,
  WebhookRegistration,
  WebhookRegistrationRequest,
} from './types.js';
export { forgetWebhook, isWebhookEvent, verifyWebhook, type VerifyWebhookOptions } from './verify.js';
