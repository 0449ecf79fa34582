import { pino, type Logger } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AssistEngine, HttpClient } from 'agent-assist-sdk';
import { pinoLogger } from 'agent-assist-sdk/http';
import { answer, refusedUrl, scriptedServer } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;

describe('pinoLogger', () => {
  it.each([
    ['by the adapter', (given: Logger) => pinoLogger(given)],
    ['as it is', (given: Logger) => given],
    ['as a child', (given: Logger) => given.child({ part: 'assist' })],
  ])('gives pino the message, the fields, and the error as it writes errors: %s', async (_, adapt) => {
    const lines: Record<string, unknown>[] = [];
    const logger = adapt(
      pino({ level: 'debug' }, { write: (text) => lines.push(JSON.parse(text) as Record<string, unknown>) }),
    );
    await using server = await scriptedServer(answer(200));
    const onAttempt = (): never => {
      throw new Error('mine');
    };
    await new HttpClient({ baseUrl: server.url, logger, onAttempt }).request(GET);
    expect(lines).toMatchObject([
      { level: 20, msg: 'GET /thing returned 200, attempt 1', status: 200, attempt: 1, route: '/thing' },
      { level: 50, msg: 'onAttempt failed: Error: mine', err: { type: 'Error', message: 'mine' } },
    ]);
    expect(lines[1]?.['err']).toHaveProperty('stack', expect.stringContaining('logger.test.ts'));
  });
});

describe('AGENT_ASSIST_LOG', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const levels = ['debug', 'info', 'warn', 'error'] as const;
  const spy = (): string[] => {
    const lines: string[] = [];
    for (const level of levels) {
      vi.spyOn(console, level).mockImplementation((message: string) => void lines.push(`${level}|${message}`));
    }
    return lines;
  };
  const fail = async (): Promise<void> => {
    const http = new HttpClient({ baseUrl: await refusedUrl(), maxRetries: 1, random: () => 0 });
    await http.request(GET).catch(() => undefined);
  };

  it('writes lines of its level and above to the console', async () => {
    vi.stubEnv('AGENT_ASSIST_LOG', 'debug');
    const lines = spy();
    await fail();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^warn\|agent-assist warn: GET \/thing failed: ECONNREFUSED .*attempt 1, next in 0 ms$/);
    expect(lines[1]).toMatch(/^debug\|agent-assist debug: GET \/thing failed: .*attempt 2$/);
    vi.stubEnv('AGENT_ASSIST_LOG', 'warn');
    await fail();
    expect(lines).toHaveLength(3);
  });

  it.each(['DEBUG', 'Debug', '1', 'true'])('takes %s for debug', async (value) => {
    vi.stubEnv('AGENT_ASSIST_LOG', value);
    const lines = spy();
    await fail();
    expect(lines).toHaveLength(2);
  });

  it('names the levels for a value that it does not know', async () => {
    vi.stubEnv('AGENT_ASSIST_LOG', 'verbose');
    const lines = spy();
    await fail();
    expect(lines).toEqual(['warn|AGENT_ASSIST_LOG: expected debug, info, warn, error or off']);
  });

  it.each(['', 'off', 'false', undefined])('writes nothing for %j', async (value) => {
    vi.stubEnv('AGENT_ASSIST_LOG', value);
    const lines = spy();
    await fail();
    expect(lines).toEqual([]);
  });

  it('leaves clients with a logger of their own alone', async () => {
    vi.stubEnv('AGENT_ASSIST_LOG', 'debug');
    const lines = spy();
    const own: unknown[] = [];
    const write = (...line: unknown[]): void => void own.push(line);
    const error = new Error('down');
    const client = { suggest: () => Promise.reject(error) };
    const engine = new AssistEngine({ client, logger: { debug: write, info: write, warn: write, error: write } });
    await engine.handle({ interactionId: 'i', transcript: 'refund', sentimentScore: 0 });
    expect(own).toEqual([['No suggestions from the platform, using the fallback: Error: down', { error }]]);
    expect(lines).toEqual([]);
  });

  it('does no harm where there is no process, or its environment may not be read', async () => {
    const lines = spy();
    vi.stubGlobal('process', undefined);
    await fail();
    vi.stubGlobal('process', {
      get env() {
        throw new Error('not allowed');
      },
    });
    const http = new HttpClient({ baseUrl: 'http://127.0.0.1:9' });
    vi.unstubAllGlobals();
    expect(http.logger).toBeDefined();
    expect(lines).toEqual([]);
  });
});
