import type * as z from 'zod/mini';
import { expectTypeOf, test } from 'vitest';
import type { DashboardNotifier } from 'agent-assist-sdk/simulation';
import type { WebhookNotifier } from 'agent-assist-sdk/webhooks';
import {
  createWebhookHandler,
  isWebhookEvent,
  type AlertTriggeredData,
  type CalibrationUpdatedData,
  type WebhookEvent,
  type WebhookRegistration,
} from 'agent-assist-sdk/webhooks';
import type { registrationAnswer } from '../../src/webhooks/schemas.js';

test('handlers get the data of their event', () => {
  createWebhookHandler({
    secrets: 'whsec_a1b2c3d4',
    on: {
      'sentiment.calibration.updated': ({ data }) => expectTypeOf(data).toEqualTypeOf<CalibrationUpdatedData>(),
      'agentassist.alert.triggered': ({ data }) => expectTypeOf(data).toEqualTypeOf<AlertTriggeredData>(),
    },
    onUnknown: (event) => expectTypeOf(event).toEqualTypeOf<WebhookEvent>(),
  });
  // @ts-expect-error: a handler for a type that has no typed event
  createWebhookHandler({ secrets: 'whsec_a1b2c3d4', on: { 'sentiment.calibration.update': () => undefined } });
});

test('an event is narrowed by its type', () => {
  const event = {} as WebhookEvent;
  expectTypeOf(event.data).toEqualTypeOf<unknown>();
  if (isWebhookEvent(event, 'agentassist.alert.triggered'))
    expectTypeOf(event.data.threshold).toEqualTypeOf<number | undefined>();
});

test('the notifier fits where simulations want one', () => {
  expectTypeOf<WebhookNotifier>().toExtend<DashboardNotifier>();
});

test('a registration is what its schema yields', () => {
  expectTypeOf<z.infer<typeof registrationAnswer>>().toEqualTypeOf<WebhookRegistration>();
});
