import { acceptedCalibration, calibration, calibrationJob } from '#src/calibration/schemas.js';
import { customerProfile, enrichmentRequest, openTickets, recentOrders } from '#src/enrichment/schemas.js';
import { insightCards, insightDisplay, insightFeedback } from '#src/insights/schemas.js';
import { knowledgePage } from '#src/knowledge/schemas.js';
import {
  botEnvironment,
  botVersions,
  simulationResult,
  simulationSchema,
  submittedSimulation,
} from '#src/simulation/schemas.js';
import { suggestRequest, suggestResult } from '#src/suggestions/schemas.js';
import { auditLogPage } from '#src/audit/schemas.js';
import { tokenGrant } from '#src/auth/schemas.js';
import { registrationAnswer, registrationBody } from '#src/webhooks/schemas.js';
import { widgetConfigSchema } from '#src/widget/handler.js';
import { accepted, onWire, sent, type JsonSchema } from './json-schema.ts';
import * as examples from './examples.ts';

interface Call {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly scope?: string;
  readonly parameters?: readonly JsonSchema[];
  readonly body?: JsonSchema;
  readonly bodyExample?: unknown;
  readonly contentType?: string;
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly schema?: JsonSchema; readonly example?: unknown }>
  >;
  /** Error statuses besides 401, 403, 429 and 500, which every call may return. */
  readonly errors?: readonly number[];
  readonly isPublic?: boolean;
}

const text = { type: 'string', minLength: 1 };
const inPath = (name: string): JsonSchema => ({ name, in: 'path', required: true, schema: text });
const inQuery = (name: string, schema: JsonSchema, required = false): JsonSchema => ({
  name,
  in: 'query',
  required,
  schema,
});
const header = (name: string, schema: JsonSchema): JsonSchema => ({ name, in: 'header', required: true, schema });

const CALIBRATION_NAMES = {
  interactionIds: 'interaction_ids',
  polarityMatrix: 'polarity_matrix',
  alertTriggers: 'alert_triggers',
  sensitivityLevel: 'sensitivity_level',
  triggerModelReweight: 'trigger_model_reweight',
};
const SIMULATION_NAMES = {
  delayMs: 'delay_ms',
  stepIndex: 'step_index',
  expectedIntent: 'expected_intent',
  expectedConfidenceMin: 'expected_confidence_min',
  expectedEntities: 'expected_entities',
};

/** The documents do not name the field of the job's id (protocol, REST calls). */
const withJobId = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: { ...(schema['properties'] as object), job_id: text, jobId: text, id: text },
  anyOf: ['job_id', 'jobId', 'id'].map((name) => ({ required: [name] })),
});

const token: Call = {
  operationId: 'token',
  tag: 'auth',
  summary: 'Issue an access token (RFC 6749 §4.4)',
  isPublic: true,
  contentType: 'application/x-www-form-urlencoded',
  body: {
    type: 'object',
    required: ['grant_type'],
    properties: {
      grant_type: { const: 'client_credentials' },
      client_id: text,
      client_secret: text,
      scope: { type: 'string' },
    },
  },
  bodyExample: {
    grant_type: 'client_credentials',
    client_id: 'id',
    client_secret: 'secret',
    scope: 'agentassist:read',
  },
  answers: { 200: { description: 'A token', schema: accepted(tokenGrant(() => undefined)), example: examples.token } },
  errors: [400],
};

const calls: Readonly<Record<string, Readonly<Partial<Record<'get' | 'post' | 'put', Call>>>>> = {
  '/api/v1/oauth/token': { post: token },
  '/api/v1/auth/token': { post: { ...token, operationId: 'tokenOfCalibrationAndSimulation' } },
  '/oauth/token': { post: { ...token, operationId: 'tokenOfCxone' } },
  '/api/v1/agentassist/suggest': {
    post: {
      operationId: 'suggest',
      tag: 'suggestions',
      summary: 'Request suggestions for the state of an interaction',
      scope: 'agentassist:read',
      body: sent(suggestRequest),
      bodyExample: examples.suggestRequest,
      answers: {
        200: { description: 'Suggestions', schema: accepted(suggestResult), example: examples.suggestResult },
      },
      errors: [400, 422],
    },
  },
  '/api/v2/knowledge/articles/search': {
    get: {
      operationId: 'searchArticles',
      tag: 'knowledge',
      summary: 'Search the knowledge base, best first',
      scope: 'knowledge:read',
      parameters: [
        inQuery('q', text, true),
        inQuery('language', { type: 'string', default: 'en-US' }),
        inQuery('page', { type: 'integer', minimum: 1, default: 1 }),
        inQuery('pageSize', { type: 'integer', minimum: 1, default: 5 }),
      ],
      answers: {
        200: { description: 'One page of articles', schema: accepted(knowledgePage), example: examples.articles },
      },
      errors: [400],
    },
  },
  '/api/v2/agentassist/insights': {
    post: {
      operationId: 'pushInsights',
      tag: 'insights',
      summary: "Push cards to the agent's desktop",
      scope: 'agentassist:write',
      body: {
        type: 'object',
        required: ['insights', 'displayType', 'autoDismiss'],
        properties: { insights: sent(insightCards), ...(sent(insightDisplay)['properties'] as object) },
      },
      bodyExample: examples.insights,
      answers: {
        200: { description: 'Pushed' },
        201: { description: 'Pushed' },
        202: { description: 'Pushed' },
        204: { description: 'Pushed' },
      },
      errors: [400, 422],
    },
  },
  '/api/v2/ai/training/feedback': {
    post: {
      operationId: 'sendFeedback',
      tag: 'insights',
      summary: "Report an agent's decision on an insight",
      scope: 'ai:training:write',
      body: { ...sent(insightFeedback), required: ['interactionId', 'insightId', 'action', 'timestamp'] },
      bodyExample: examples.feedback,
      answers: { 200: { description: 'Recorded' }, 201: { description: 'Recorded' }, 204: { description: 'Recorded' } },
      errors: [400, 422],
    },
  },
  '/api/v1/agentassist/sentiment/calibration': {
    put: {
      operationId: 'calibrate',
      tag: 'calibration',
      summary: 'Change the sentiment thresholds',
      scope: 'sentiment:calibrate',
      parameters: [
        header('X-Idempotency-Key', { type: 'string', minLength: 1, maxLength: 255 }),
        header('X-Format-Version', { const: '2.1', type: 'string' }),
      ],
      body: onWire(sent(calibration), CALIBRATION_NAMES),
      bodyExample: examples.calibration,
      answers: {
        200: {
          description: 'The calibration job',
          schema: withJobId(accepted(acceptedCalibration)),
          example: examples.calibrationJob,
        },
      },
      errors: [400, 409, 422, 503],
    },
  },
  '/api/v1/agentassist/sentiment/calibration/jobs/{jobId}': {
    get: {
      operationId: 'getCalibrationJob',
      tag: 'calibration',
      summary: 'Get a calibration job',
      scope: 'sentiment:calibrate',
      parameters: [inPath('jobId')],
      answers: {
        200: { description: 'The job', schema: withJobId(accepted(calibrationJob)), example: examples.calibrationJob },
      },
      errors: [404],
    },
  },
  '/api/v1/agentassist/webhooks': {
    post: {
      operationId: 'registerWebhook',
      tag: 'webhooks',
      summary: 'Register a webhook',
      scope: 'webhook:manage',
      body: withUrl(sent(registrationBody)),
      bodyExample: examples.webhook,
      answers: {
        200: { description: 'The registration', schema: accepted(registrationAnswer), example: examples.webhookAnswer },
        201: { description: 'The registration', schema: accepted(registrationAnswer), example: examples.webhookAnswer },
        204: { description: 'Registered' },
      },
      errors: [400, 409, 422],
    },
  },
  '/api/v1/audit/sentiment/calibration': {
    get: {
      operationId: 'listCalibrationAudit',
      tag: 'audit',
      summary: 'List the audit log of calibrations, page by page',
      scope: 'audit:read',
      parameters: [inQuery('limit', { type: 'integer', minimum: 1, default: 50 }), inQuery('cursor', text)],
      answers: { 200: { description: 'One page', schema: accepted(auditLogPage), example: examples.auditPage } },
      errors: [400],
    },
  },
  '/api/v1/bots/{botId}/versions': {
    get: {
      operationId: 'listBotVersions',
      tag: 'simulation',
      summary: 'List the versions of a bot',
      scope: 'bot:read',
      parameters: [inPath('botId')],
      answers: { 200: { description: 'Versions', schema: accepted(botVersions), example: examples.versions } },
      errors: [404],
    },
  },
  '/api/v1/environments/{environmentId}': {
    get: {
      operationId: 'getEnvironment',
      tag: 'simulation',
      summary: 'Get an environment and its isolation mode',
      scope: 'environment:read',
      parameters: [inPath('environmentId')],
      answers: {
        200: { description: 'The environment', schema: accepted(botEnvironment), example: examples.environment },
      },
      errors: [404],
    },
  },
  '/api/v1/simulations': {
    post: {
      operationId: 'startSimulation',
      tag: 'simulation',
      summary: 'Start a simulation',
      scope: 'simulation:execute',
      body: onWire(sent(simulationSchema), SIMULATION_NAMES),
      bodyExample: examples.simulation,
      answers: {
        202: { description: 'Accepted', schema: accepted(submittedSimulation), example: examples.startedSimulation },
      },
      errors: [400, 404, 422],
    },
  },
  '/api/v1/simulations/{simulationId}': {
    get: {
      operationId: 'getSimulation',
      tag: 'simulation',
      summary: 'Get a simulation',
      scope: 'simulation:execute',
      parameters: [inPath('simulationId')],
      answers: {
        200: { description: 'The simulation', schema: accepted(simulationResult), example: examples.simulationResult },
      },
      errors: [404],
    },
  },
  '/api/v1/customers/{customerId}': {
    get: {
      operationId: 'getCustomer',
      tag: 'enrichment',
      summary: "Get a customer (the company's own service)",
      scope: 'customer:read',
      parameters: [inPath('customerId')],
      answers: { 200: { description: 'The customer', schema: accepted(customerProfile), example: examples.customer } },
      errors: [404],
    },
  },
  '/api/v1/orders': {
    get: {
      operationId: 'listOrders',
      tag: 'enrichment',
      summary: "List a customer's latest orders (the company's own service)",
      scope: 'orders:read',
      parameters: [
        inQuery('customerId', text, true),
        inQuery('limit', { type: 'integer', minimum: 1, default: 5 }),
        inQuery('sort', { const: 'createdDesc', type: 'string' }),
      ],
      answers: { 200: { description: 'Orders', schema: accepted(recentOrders), example: examples.orders } },
      errors: [400],
    },
  },
  '/api/v1/crm/tickets': {
    get: {
      operationId: 'listTickets',
      tag: 'enrichment',
      summary: "List a customer's open tickets (the company's own service)",
      scope: 'crm:read',
      parameters: [inQuery('customerId', text, true), inQuery('status', { const: 'open', type: 'string' })],
      answers: { 200: { description: 'Tickets', schema: accepted(openTickets), example: examples.tickets } },
      errors: [400],
    },
  },
  '/api/v1/agent-assist/enrich': {
    post: {
      operationId: 'enrich',
      tag: 'enrichment',
      summary: 'Get customer data for a prompt (served by createEnrichmentHandler)',
      isPublic: true,
      body: accepted(enrichmentRequest),
      bodyExample: examples.enrichRequest,
      answers: {
        200: {
          description: 'The data and the lines for the prompt',
          schema: examples.enrichAnswerSchema,
          example: examples.enrichAnswer,
        },
      },
      errors: [413, 415, 422, 502, 503, 504],
    },
  },
  '/api/widget/config': {
    get: {
      operationId: 'getWidgetConfig',
      tag: 'widget',
      summary: "Get the desktop widget's configuration (served by createWidgetConfigHandler)",
      isPublic: true,
      answers: {
        200: { description: 'The configuration', schema: sent(widgetConfigSchema), example: examples.widget },
      },
    },
  },
};

function withUrl(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: { url: { type: 'string', format: 'uri' }, ...(schema['properties'] as object) },
    required: ['url', ...(schema['required'] as string[])],
  };
}

const TAGS: Readonly<Record<string, string>> = {
  auth: 'Access tokens by client credentials',
  suggestions: 'Suggestions while a customer speaks',
  knowledge: 'The knowledge base',
  insights: "Cards on the agent's desktop, and feedback on them",
  calibration: 'Sentiment thresholds',
  webhooks: 'Notifications to your URL',
  audit: 'The audit log',
  simulation: 'Test conversations with a bot',
  enrichment: 'Customer data for prompts',
  widget: 'The desktop widget',
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The server could not read the request',
  401: 'No valid credentials',
  403: 'A scope is missing',
  404: 'The resource does not exist',
  409: 'The request conflicts with the state of the resource',
  413: 'The body is too large',
  415: 'The content type is not application/json',
  422: 'The content of the request is invalid',
  429: 'Too many requests',
  500: 'The server failed',
  502: 'An upstream service failed',
  503: 'The server is busy; retry later',
  504: 'An upstream service did not respond in time',
};

function operation(call: Call): JsonSchema {
  const {
    operationId,
    tag,
    summary,
    scope,
    parameters,
    body,
    bodyExample,
    contentType = 'application/json',
    answers,
    errors = [],
    isPublic = false,
  } = call;
  const content = (schema: JsonSchema, example: unknown, type = 'application/json'): JsonSchema => ({
    [type]: { schema, ...(example === undefined ? {} : { example }) },
  });
  const failures = [401, 403, 429, 500, ...errors].toSorted((a, b) => a - b);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(isPublic ? { security: [] } : { security: [{ oauth2: scope === undefined ? [] : [scope] }] }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(body, bodyExample, contentType) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, schema, example }]) => [
          status,
          { description, ...(schema === undefined ? {} : { content: content(schema, example) }) },
        ]),
      ),
      ...Object.fromEntries(failures.map((status) => [status, { $ref: `#/components/responses/Error${status}` }])),
    },
  };
}

/** Returns the OpenAPI 3.1 document of everything that the SDK calls or serves. */
export function openApi(version: string): JsonSchema {
  const scopes = Object.values(calls)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ scope }) => scope ?? []);
  const retryAfter = {
    'Retry-After': { description: 'Seconds or an HTTP-date (RFC 9110 §10.2.3)', schema: { type: 'string' } },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'REST API of agent-assist-sdk',
      version,
      summary: 'The REST calls that the SDK makes to Cognigy.AI and CXone Agent Assist',
      description:
        'Generated from the schemas that validate requests and responses at run time. Not published by NICE.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'https://{host}',
        variables: {
          host: { default: 'tenant.cognigy.ai', description: 'Cognigy.AI, CXone, or a private installation' },
        },
      },
    ],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(
      Object.entries(calls).map(([path, methods]) => [
        path,
        Object.fromEntries(Object.entries(methods).map(([method, call]) => [method, operation(call)])),
      ]),
    ),
    components: {
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: '/api/v1/oauth/token',
              scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])),
            },
          },
        },
      },
      responses: Object.fromEntries(
        Object.entries(ERRORS).map(([status, description]) => [
          `Error${status}`,
          {
            description,
            ...(status === '429' || status === '503' ? { headers: retryAfter } : {}),
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Error' },
                example: examples.errorBody(Number(status)),
              },
            },
          },
        ]),
      ),
      schemas: {
        Error: {
          type: 'object',
          description: 'An error has its reason in `message`, `error` or, for OAuth, `error_description`.',
          properties: { error: {}, message: { type: 'string' }, error_description: { type: 'string' } },
        },
      },
    },
  };
}
