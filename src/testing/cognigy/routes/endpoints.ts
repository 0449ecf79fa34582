import * as z from 'zod/mini';
import { found, HttpProblem, notFound } from '../../server/problem.js';
import { ok, type RouteAnswer, type RouteContext, type Router } from '../../server/router.js';
import { readBySchema } from '../../../http/validation.js';
import type { CognigyEndpoints } from '../flows/endpoints.js';
import type { CognigySessions } from '../flows/sessions.js';
import type { ApiRouter } from '../server/api-router.js';
import type { CognigySockets } from '../socket/sockets.js';

const data = z.optional(z.record(z.string(), z.unknown()));
const id = z.string().check(z.minLength(1));

const inputBody = z
  .strictObject({ userId: id, sessionId: id, text: z.optional(z.string()), data })
  .check(z.refine((input) => input.text !== undefined || input.data !== undefined, 'text or data is missing'));

const sentBody = z.strictObject({
  text: z.string(),
  data: z.record(z.string(), z.unknown()),
  URLToken: id,
  sessionId: id,
  userId: id,
});

const MAX_INPUT_BYTES = 65_000;

interface Services {
  readonly endpoints: CognigyEndpoints;
  readonly sessions: CognigySessions;
  readonly sockets: CognigySockets;
}

/**
 * @internal Adds what the endpoint host answers, `/{URLToken}` and `/test/{URLToken}`, and inject, notify and contexts.
 */
export function addEndpointRoutes(router: Router, api: ApiRouter, services: Services): void {
  for (const path of ['/{urlToken}', '/test/{urlToken}']) {
    router.on(`POST ${path}`, { scope: 'public' }, async (context) =>
      answerInput(context, services, path.startsWith('/test/')),
    );
  }
  for (const kind of ['inject', 'notify'] as const) {
    api.on(`POST /endpoint/${kind}`, { body: sentBody }, async ({ body }) => {
      const endpoint = found(services.endpoints.find(body.URLToken), 'endpoint');
      if (endpoint.channel === 'rest') {
        throw new HttpProblem(400, 'bad_request', `an endpoint of type REST takes no ${kind}`);
      }
      found(services.sessions.find(body.userId, body.sessionId), 'session');
      if (kind === 'inject') await services.sockets.inject(endpoint.flow, body);
      else services.sockets.notify(body);
      return { status: 200, text: 'OK', headers: { 'content-type': 'text/plain; charset=utf-8' } };
    });
  }
  api.on(
    'POST /sessions/{sessionId}/context/inject',
    { body: z.strictObject({ context: z.record(z.string(), z.unknown()), userId: id }) },
    ({ params, body }) => {
      const session = services.sessions.open(body.userId, params['sessionId'] ?? '');
      Object.assign(session.context, body.context);
      return ok(session.context);
    },
  );
  addConversationRoutes(api, services.sessions);
}

async function answerInput(
  { params, bodyText }: RouteContext,
  { endpoints, sessions }: Services,
  isTest: boolean,
): Promise<RouteAnswer> {
  const endpoint = endpoints.find(params['urlToken']);
  if (endpoint?.channel !== 'rest') throw notFound('endpoint');
  if (Buffer.byteLength(bodyText) > MAX_INPUT_BYTES) throw new HttpProblem(413, 'too_large', 'too large');
  const { transformers, flow } = endpoint;
  const sent = parsed(bodyText);
  const read = await readBySchema(inputBody, transformers.input === undefined ? sent : transformers.input(sent));
  if (!read.success) {
    throw new HttpProblem(400, 'invalid_argument', 'the body is not an input', { issues: read.issues });
  }
  const input = read.data;
  const outputStack = await sessions.run(flow, { ...input, isTest });
  const answer = {
    text: outputStack
      .map(({ text }) => text)
      .join(' ')
      .trim(),
    data: Object.assign({}, ...outputStack.map((output) => output.data)) as Readonly<Record<string, unknown>>,
    outputStack,
    userId: input.userId,
    sessionId: input.sessionId,
  };
  return ok(transformers.executionFinished?.(answer) ?? answer);
}

function parsed(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText) as unknown;
  } catch {
    throw new HttpProblem(400, 'bad_request', 'the body is not JSON');
  }
}

function addConversationRoutes(api: ApiRouter, sessions: CognigySessions): void {
  api.list(
    '/conversations/{sessionId}',
    { query: ['projectId'], fields: ['timestamp'] },
    ({ params }) => sessions.get(params['sessionId'] ?? '')?.messages ?? [],
  );
  api.list('/conversations', { query: ['projectId', 'contactIds[]'], fields: ['timestamp'] }, ({ query }) => {
    const contacts = query.getAll('contactIds[]');
    return sessions.all
      .filter(({ userId }) => contacts.length === 0 || contacts.includes(userId))
      .map(({ sessionId, userId, messages }) => ({ sessionId, contactId: userId, messages: messages.length }));
  });
}
