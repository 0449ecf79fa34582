import { describe, expect, test } from 'vitest';
import {
  AssistStream,
  ConfigurationError,
  cognigy,
  cxone,
  handleInOrder,
  StaticTokenAuth,
  type StreamItem,
} from 'agent-assist-sdk';
import { startCompany, startTenant } from 'agent-assist-sdk/testing';

const auth = new StaticTokenAuth({ token: 'token' });
const platform = cognigy({ tenant: 'acme' });
const stream = (): AssistStream => new AssistStream({ platform, auth });
async function* nothing(): AsyncGenerator<StreamItem, undefined> {
  await Promise.resolve();
}

/** Options as plain JavaScript gives them: nothing checks their names beforehand. */
const calls: Readonly<Record<string, (options: never) => unknown>> = {
  AssistStream: (options: object) => new AssistStream({ platform, auth, ...options }),
  connect: (options) => stream().connect(options),
  events: (options) => stream().events(options),
  handleInOrder: (options: object) =>
    handleInOrder(nothing(), () => undefined, { onError: () => undefined, ...options }),
  cognigy: (options: object) => cognigy({ tenant: 'acme', ...options }),
  cxone,
  startTenant,
  startCompany,
  play: async (options) => {
    await using tenant = await startTenant();
    await tenant.play({ id: 'call-1', turns: [] }, options);
  },
};

const failureOf = async (call: () => unknown): Promise<unknown> => {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  ['AssistStream', 'pingIntervallMs', 'pingIntervalMs'],
  ['connect', 'timeoutMs', 'totalTimeoutMs'],
  ['events', 'capcity', 'capacity'],
  ['handleInOrder', 'concurency', 'concurrency'],
  ['cognigy', 'tennant', 'tenant'],
  ['cxone', 'hosts', 'host'],
  ['startTenant', 'tokenLifetimeSecond', 'tokenLifetimeSeconds'],
  ['startCompany', 'prt', 'port'],
  ['play', 'sped', 'speed'],
])('%s refuses the option %s and names %s', async (name, given, known) => {
  const failure = await failureOf(() => calls[name]?.({ [given]: 'canary' } as never));
  expect(failure).toBeInstanceOf(ConfigurationError);
  const { message } = failure as Error;
  expect(message).toContain(`${name}: unknown option "${given}"; `);
  expect(message).toMatch(new RegExp(`\\b${known}\\b`));
  expect(message).not.toContain('canary');
});

describe('what is no mistake', () => {
  test.each(Object.keys(calls))('%s passes over an unknown option that is undefined', async (name) => {
    const options = { anything: undefined, ...(name === 'connect' && { signal: AbortSignal.abort() }) };
    const failure = await failureOf(async () => {
      const made = await calls[name]?.(options as never);
      if (name.startsWith('start')) await (made as AsyncDisposable)[Symbol.asyncDispose]();
    });
    expect(failure === undefined || (failure as Error).name === 'AbortError').toBe(true);
  });
});

test('a platform that is spread is refused, with a word on how to give it', () => {
  expect(() => new AssistStream({ ...platform, auth })).toThrow(
    `AssistStream: unknown option "baseUrl"; pass the spread platform as 'platform'`,
  );
});
