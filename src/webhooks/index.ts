/**
 * Standard Webhooks: registration, receiving, verification and sending.
 *
 * Guide: [Webhooks](../../docs/webhooks.md).
 *
 * @module agent-assist-sdk/webhooks
 */

export { WebhooksClient } from './client.js';
export { WebhookNotifier } from './notifier.js';
export { createWebhookHandler } from './handler.js';
export { signWebhook } from './signature.js';
export { generateWebhookSecret } from './secrets.js';
export { assertWebhookTarget } from './target.js';
export { forgetWebhook, isWebhookEvent, verifyWebhook } from './verify.js';
export type {
  AlertTriggeredData,
  CalibrationUpdatedData,
  NotifyOptions,
  NotifyResult,
  ReceivedHeaders,
  SignWebhookOptions,
  SignatureOptions,
  SignedWebhookHeaders,
  VerifyWebhookOptions,
  WebhookBody,
  WebhookContext,
  WebhookEvent,
  WebhookEventHandler,
  WebhookEventHandlers,
  WebhookEventMap,
  WebhookEventType,
  WebhookHandlerOptions,
  WebhookHeaderNames,
  WebhookNotifierOptions,
  WebhookRegistration,
  WebhookRegistrationRequest,
  WebhookSecret,
  WebhookSecrets,
  WebhookTargetOptions,
} from './types.js';
