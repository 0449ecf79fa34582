import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { AssistStream } from 'agent-assist-sdk';
import { requireProgram } from '../helpers/programs.js';
import { CountingAuth, namesOf, record } from './helpers.js';

/** A Python that has the module: the first on the PATH may be another than the one that apt's packages are for. */
function pythonWith(module: string, aptPackage: string): string | undefined {
  const found = ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', `import ${module}`]).status === 0,
  );
  if (found === undefined) requireProgram(`python3 with ${module}`, aptPackage);
  return found;
}

async function startPython(
  python: string,
  script: string,
): Promise<AsyncDisposable & { hello: { port: number; misdeeds?: number }; lines: string[] }> {
  const child = spawn(python, [fileURLToPath(new URL(`foreign/${script}`, import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  const first = await new Promise<string>((resolve) => reader.once('line', resolve));
  reader.on('line', (line) => lines.push(line));
  return {
    hello: JSON.parse(first) as { port: number; misdeeds?: number },
    lines,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await exited;
    },
  };
}

const websockets = pythonWith('websockets', 'python3-websockets');
const autobahn = pythonWith('autobahn', 'python3-autobahn');
const quick = { auth: new CountingAuth(), minReconnectDelayMs: 1, maxReconnectDelayMs: 2 };

describe.skipIf(websockets === undefined)("Python's websockets", () => {
  test('close codes, bad UTF-8, reserved bits and opcodes, oversize and broken frames: each event arrives once, in order', async () => {
    await using server = await startPython(websockets ?? '', 'websockets_server.py');
    const { port, misdeeds = 0 } = server.hello;
    await using stream = new AssistStream({
      streamUrl: `ws://127.0.0.1:${port}/token-1`,
      streamToken: 'header',
      ...quick,
    });
    const seen = record(stream);
    const ended = new Promise((resolve) => stream.on('terminated', resolve));
    await stream.connect();
    await ended;
    const texts = seen.flatMap(([name, event]) => (name === 'TRANSCRIPT_FRAGMENT' ? [event.text] : []));
    const own = Array.from({ length: misdeeds }, (_, number) => `${number} ä€😀`);
    expect(texts).toEqual([...own.slice(0, -3), 'pieces ä€😀', ...own.slice(-3)]);
    const issues = seen.flatMap(([name, event]) => (name === 'invalid' ? event.issues : []));
    expect(issues.map(({ message }) => message)).toEqual([
      'expected UTF-8',
      'breaks the WebSocket protocol (WS_ERR_UNEXPECTED_RSV_1)',
      'breaks the WebSocket protocol (WS_ERR_UNEXPECTED_RSV_2_3)',
      'breaks the WebSocket protocol (WS_ERR_UNEXPECTED_RSV_2_3)',
      'breaks the WebSocket protocol (WS_ERR_INVALID_OPCODE)',
      'breaks the WebSocket protocol (WS_ERR_UNEXPECTED_MASK)',
      'breaks the WebSocket protocol (WS_ERR_EXPECTED_FIN)',
      'breaks the WebSocket protocol (WS_ERR_INVALID_OPCODE)',
      'breaks the WebSocket protocol (WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH)',
      'breaks the WebSocket protocol (WS_ERR_INVALID_CLOSE_CODE)',
      'breaks the WebSocket protocol (WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH)',
      'must be at most 1048576 bytes',
      'expected a text frame',
    ]);
    expect(seen.flatMap(([name, event]) => (name === 'close' ? [event.code] : []))).toEqual([
      1000,
      1001,
      1011,
      1012,
      1013,
      4000,
      ...Array.from({ length: 12 }, () => 1006),
      1001,
      1012,
      1013,
      1008,
    ]);
    expect(seen.at(-1)).toMatchObject(['terminated', { error: { closeCode: 1008 } }]);
    expect(namesOf(seen).filter((name) => name === 'open')).toHaveLength(misdeeds);
  });
});

describe.skipIf(autobahn === undefined)('Autobahn', () => {
  test('chopped, fragmented and interleaved frames, RSV bits, pings either way, a clean end', async () => {
    await using server = await startPython(autobahn ?? '', 'autobahn_server.py');
    await using stream = new AssistStream({
      streamUrl: `ws://127.0.0.1:${server.hello.port}/s`,
      streamToken: 'query',
      pingIntervalMs: 200,
      pongTimeoutMs: 5000,
      ...quick,
    });
    const seen = record(stream);
    const pingSeen = new Promise((resolve) => stream.once('unknown', resolve));
    await stream.connect();
    expect(await pingSeen).toEqual({ type: 'PING_SEEN' });
    await stream.close();
    const texts = seen.flatMap(([name, event]) => (name === 'TRANSCRIPT_FRAGMENT' ? [event.text] : []));
    expect(texts).toEqual([0, 1, 2, 3, 4, 5].map((number) => `${number} True €`));
    const reasons = seen.flatMap(([name, event]) => (name === 'close' ? [event.reason] : []));
    expect(reasons.slice(0, 5)).toEqual(['chopped', 'fragmented', '', '', 'pong came']);
    await expect.poll(() => server.lines.at(-1)).toBe('{"clean": true, "code": 1000}');
  });
});
