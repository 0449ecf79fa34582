import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { AssistStream, StaticTokenAuth, StreamError } from 'agent-assist-sdk';

/** A stream's server over TLS whose certificate only itself has signed. */
async function tlsServer(name: string): Promise<{ readonly url: string; readonly upgrades: () => number }> {
  const folder = mkdtempSync(join(tmpdir(), 'stream-certificates-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const files = ['-keyout', key, '-out', cert, '-days', '30'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
  const sockets = new WebSocketServer({ server });
  let upgrades = 0;
  sockets.on('connection', () => (upgrades += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    sockets.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { url: `wss://localhost:${(server.address() as AddressInfo).port}/stream`, upgrades: () => upgrades };
}

test('a certificate that nobody trusts ends the stream at once, and the error says so', async () => {
  const { url, upgrades } = await tlsServer('localhost');
  const auth = new StaticTokenAuth({ token: 'canary-token' });
  await using stream = new AssistStream({ streamUrl: url, auth });
  const seen: string[] = [];
  stream.on('reconnecting', () => seen.push('reconnecting'));
  stream.on('terminated', () => seen.push('terminated'));

  const failure: unknown = await stream.connect().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(StreamError);
  const { message } = failure as StreamError;
  expect(message).toMatch(/^Stream localhost:\d+\/stream: DEPTH_ZERO_SELF_SIGNED_CERT; its certificate is not trusted/);
  expect(message).not.toContain('canary');
  expect([stream.state, seen, upgrades()]).toEqual(['terminated', ['terminated'], 0]);
});
