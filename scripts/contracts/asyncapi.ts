import { eventSchemas } from '#src/stream/schemas.js';
import { webhookEventBody } from '#src/webhooks/schemas.js';
import * as examples from './examples.ts';
import { accepted, type JsonSchema } from './json-schema.ts';

const messageId = (type: string): string => type.replaceAll(/[^A-Za-z_]/g, '_');

function messages(
  payloads: ReadonlyMap<string, JsonSchema>,
  exampleOf: Readonly<Record<string, unknown>>,
): Record<string, JsonSchema> {
  return Object.fromEntries(
    [...payloads].map(([type, payload]) => [
      messageId(type),
      {
        name: type,
        title: type,
        contentType: 'application/json',
        payload,
        examples: [{ name: type, payload: exampleOf[type] }],
      },
    ]),
  );
}

const withType = (schema: JsonSchema, type: string): JsonSchema => ({
  ...schema,
  properties: { ...(schema['properties'] as object), type: { const: type } },
});

/** Returns the AsyncAPI 3 document of the stream's events and the webhooks. */
export function asyncApi(version: string): JsonSchema {
  const heartbeat = {
    type: 'object',
    properties: { type: { const: 'HEARTBEAT' } },
    required: ['type'],
    description: 'Sent by either side. It needs no reply.',
  };
  const events = messages(
    new Map([
      ...[...eventSchemas].map(([type, schema]): [string, JsonSchema] => [type, accepted(schema)]),
      ['HEARTBEAT', heartbeat],
    ]),
    examples.events,
  );
  const webhooks = messages(
    new Map(Object.keys(examples.webhookEvents).map((type) => [type, withType(accepted(webhookEventBody), type)])),
    examples.webhookEvents,
  );
  const refs = (channel: string, names: readonly string[]): JsonSchema[] =>
    names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of agent-assist-sdk',
      version,
      description:
        'The events of the Agent Assist stream and the webhooks (Standard Webhooks), generated from the schemas that check them at run time. Not published by NICE.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      cognigy: {
        host: 'tenant.cognigy.ai',
        protocol: 'wss',
        description: 'Cognigy.AI; the token is sent in the Authorization header',
      },
      cxone: {
        host: 'api.niceincontact.com',
        protocol: 'wss',
        description: 'CXone; the token is sent in the query as access_token',
      },
    },
    channels: {
      cognigyStream: {
        address: '/api/v1/streaming/agentassist',
        servers: [{ $ref: '#/servers/cognigy' }],
        messages: events,
      },
      cxoneStream: {
        address: '/cxoneapi/v2/agentassist/stream',
        servers: [{ $ref: '#/servers/cxone' }],
        messages: events,
      },
      webhooks: {
        address: null,
        description:
          'Your URL, registered with POST /agentassist/webhooks. The headers webhook-id, webhook-timestamp and webhook-signature sign each request.',
        messages: webhooks,
      },
    },
    operations: {
      receiveCognigyEvents: {
        action: 'receive',
        channel: { $ref: '#/channels/cognigyStream' },
        messages: refs('cognigyStream', Object.keys(events)),
      },
      receiveCxoneEvents: {
        action: 'receive',
        channel: { $ref: '#/channels/cxoneStream' },
        messages: refs('cxoneStream', Object.keys(events)),
      },
      receiveWebhooks: {
        action: 'receive',
        channel: { $ref: '#/channels/webhooks' },
        messages: refs('webhooks', Object.keys(webhooks)),
      },
    },
  };
}
