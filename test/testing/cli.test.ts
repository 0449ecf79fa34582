import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sampleConversations } from 'agent-assist-sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { basic, SocketClient } from './cxone-helpers.js';

/** The built program, which starts in half the time of a bundle that loads zod. */
const program = fileURLToPath(new URL('../../dist/testing/cli.js', import.meta.url));

interface Announced {
  readonly tokenUrl: string;
  readonly streamUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

let running: ChildProcessWithoutNullStreams | undefined;
afterEach(() => {
  running?.kill('SIGKILL');
});

function start(args: readonly string[]): {
  child: ChildProcessWithoutNullStreams;
  output: () => string;
  said: (text: string) => Promise<void>;
} {
  const environment = { ...process.env, AGENT_ASSIST_DATA: '' };
  const child = spawn(process.execPath, [program, ...args], { env: environment });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const said = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  return { child, output: () => output, said };
}

async function listen(announced: Announced): Promise<{ socket: WebSocket; types: string[] }> {
  const answer = await fetch(announced.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: announced.clientId,
      client_secret: announced.clientSecret,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const socket = new WebSocket(`${announced.streamUrl}?access_token=${token}`);
  const types: string[] = [];
  socket.on('message', (data: Buffer) => types.push((JSON.parse(data.toString('utf8')) as { type: string }).type));
  await once(socket, 'open');
  return { socket, types };
}

describe('agent-assist-tenant', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints its URLs, plays to whoever connects and ends cleanly on %s',
    async (signal) => {
      const { child, output, said } = start(['--play', '2', '--speed', 'Infinity']);
      await said('clientSecret');
      const announced = Object.fromEntries(
        output()
          .trim()
          .split('\n')
          .map((line) => line.split(/\s+/)),
      ) as unknown as Announced;
      const { socket, types } = await listen(announced);
      await said('played 2 conversations');
      const exit = once(child, 'exit');
      child.kill(signal);
      await once(socket, 'close');
      expect(types.filter((type) => type === 'INTERACTION_UPDATE')).toHaveLength(14);
      expect(await exit).toEqual([0, null]);
    },
  );

  it("prints JSON for programs, and takes credentials of one's own", async () => {
    const { child, output, said } = start(['--json', '--client-id', 'me', '--client-secret', 'mine']);
    await said('\n');
    const announced = JSON.parse(output()) as Announced;
    expect(announced).toMatchObject({ clientId: 'me', clientSecret: 'mine' });
    const { socket } = await listen(announced);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await once(socket, 'close');
    expect(await exit).toEqual([0, null]);
  });

  it('starts a real CXone, and plays to whoever subscribed', async () => {
    const { child, output, said } = start(['--platform', 'cxone', '--json', '--play', '1', '--speed', 'Infinity']);
    await said('\n');
    const announced = JSON.parse(output()) as Record<string, string>;
    const tokens = await fetch(announced['tokenUrl'] ?? '', {
      method: 'POST',
      headers: { authorization: basic(announced['clientId'] ?? '', announced['clientSecret'] ?? '') },
      body: new URLSearchParams({
        grant_type: 'password',
        username: announced['accessKeyId'] ?? '',
        password: announced['accessKeySecret'] ?? '',
      }),
    });
    const { access_token: token } = (await tokens.json()) as { access_token: string };
    const client = new SocketClient(announced['socketUrl'] ?? '');
    await once(client.socket, 'open');
    await client.ask('CONNECT', token);
    const [sample] = sampleConversations;
    await client.ask('SUBSCRIBE', token, { topic: `${sample?.id ?? ''}_transcript` });
    expect(await client.next()).toMatchObject({ body: { Data: { messageBody: 'Hi,', contactId: sample?.id } } });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('starts a real Cognigy.AI, whose flow answers', async () => {
    const { child, output, said } = start(['--platform', 'cognigy', '--json']);
    await said('\n');
    const { apiUrl = '', restToken = '', apiKey = '' } = JSON.parse(output()) as Record<string, string>;
    const answer = await fetch(`${apiUrl}/${restToken}`, {
      method: 'POST',
      body: JSON.stringify({ userId: 'u1', sessionId: 's1', text: 'I want a refund' }),
    });
    expect(await answer.json()).toMatchObject({ outputStack: [{ data: { confidence: 0.93 } }, {}, {}] });
    expect((await fetch(`${apiUrl}/new/v2.0/projects`, { headers: { 'x-api-key': apiKey } })).status).toBe(200);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('ends cleanly while it waits for somebody to connect', async () => {
    const { child, said } = start(['--play', '1']);
    await said('clientSecret');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each([
    [['--port', 'many'], '--port: expected a whole number from 0 to 65535, got "many"'],
    [['--port', '1.5'], '--port: expected a whole number from 0 to 65535, got "1.5"'],
    [['--speed', '0', '--play', '1'], '--speed: expected a number above 0, got "0"'],
    [['--token-lifetime', '0'], '--token-lifetime: expected a number of at least 1, got "0"'],
    [['--play', '1.5'], '--play: expected a whole number of at least 0, got "1.5"'],
    [['--loop'], '--loop: has an effect only with --play'],
    [['--data', 'calls.jsonl'], '--data: has an effect only with --play'],
    [['--speed', '0'], '--speed'],
    [['--client-id', 'x'], 'pass --client-id and --client-secret together'],
    [
      ['--prot', '8080'],
      "unknown option --prot; did you mean '--port'?\nagent-assist-tenant --help lists all options\n",
    ],
    [['--Json'], "did you mean '--json'?"],
    [['--nonsense'], 'unknown option --nonsense; expected one of --platform, --port,'],
    [['-x'], 'unknown option -x; expected one of --platform, --port,'],
    [['8080'], "Unexpected argument '8080'. This command does not take positional arguments"],
    [['--port'], 'argument missing\nagent-assist-tenant --help lists all options\n'],
    [['--platform', 'azure'], '--platform: expected documents or cxone or cognigy, got "azure"'],
    [['--platform', 'cxone', '--heartbeat', '5'], '--heartbeat'],
    [['--platform', 'cognigy', '--play', '1'], '--play: no stream of Cognigy.AI carries transcripts'],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { child, output } = start(args);
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(output()).toContain(message);
    expect(output()).not.toContain('    at ');
  });

  it('explains itself', async () => {
    const { child, output } = start(['--help']);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output()).toContain('--port N');
  });
});
