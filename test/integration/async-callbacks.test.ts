import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpClient, type AuthProvider, type SuggestRequest } from 'agent-assist-sdk';
import { flowSuggestions, type FlowClient } from 'agent-assist-sdk/cognigy';
import { toTrigger } from 'agent-assist-sdk/conversations';
import { ExpertClient } from 'agent-assist-sdk/cxone';
import { answer, scriptedServer, type ScriptedServer } from '../helpers/scripted-server.js';

// A function whose result is needed at once, made `async` by mistake: its failure must not end the process, and its
// promise must not be taken for a result.

let server: ScriptedServer;
const stray: unknown[] = [];
const onStray = (error: unknown): void => void stray.push(error);

beforeEach(async () => {
  server = await scriptedServer(answer(500));
  stray.length = 0;
  process.on('unhandledRejection', onStray);
});

afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  process.off('unhandledRejection', onStray);
  await server[Symbol.asyncDispose]();
  expect(stray).toEqual([]);
});

type Mistake = () => never;
const failing = (() => Promise.reject(new Error('failed later'))) as Mistake;
const resolving = (() => Promise.resolve([])) as Mistake;

const request: SuggestRequest = { interactionId: 'call-1', transcript: 'a refund', sentimentScore: -0.9 };
const flow = { send: () => Promise.resolve({}) } as unknown as FlowClient;

function callWith(own: Partial<AuthProvider>): PromiseLike<unknown> {
  const auth: AuthProvider = {
    getToken: () => Promise.resolve('token'),
    invalidate: () => undefined,
    header: (token) => ['authorization', `Bearer ${token}`],
    ...own,
  };
  return new HttpClient({ baseUrl: server.url, auth }).request({ method: 'GET', path: '/thing' });
}

const owners: Readonly<Record<string, (mistake: Mistake) => PromiseLike<unknown>>> = {
  token: (cachedToken) => callWith({ cachedToken }),
  'header()': (header) => callWith({ header }),
  'toInput()': (toInput) => flowSuggestions(flow, { toInput }).suggest(request, {}),
  'constraint()': (constraint) =>
    new ExpertClient({ site: server.url, browserKey: 'key', constraint }).search({ q: 'refund' }),
  'readScore()': async (readScore) => {
    const rule = { type: 'score', score: 'anger', fires: 'at-least', threshold: 0.5 } as const;
    return Promise.resolve(toTrigger(rule, { readScore })(request));
  },
};

describe.each(Object.entries(owners))('%s', (name, use) => {
  test.each([
    ['rejects', failing],
    ['resolves', resolving],
  ])('that %s later causes an error that says so', async (_, mistake) => {
    await expect(use(mistake)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(`${name}: expected `) as string,
    });
    expect(server.requests).toEqual([]);
  });
});

test.each([[undefined], ['authorization'], [{}], [['authorization']], [[1, 2]]])(
  'a header of a provider that is %j causes an error that says what it must be',
  async (header) => {
    await expect(callWith({ header: (() => header) as never })).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
  },
);
