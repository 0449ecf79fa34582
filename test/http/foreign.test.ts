import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ConnectionError, HttpClient, RateLimitError, ServerError, type AttemptInfo } from 'agent-assist-sdk';
import { FakeClock } from '../helpers/fake-clock.js';
import { foreignServer, type ForeignServer } from '../helpers/foreign-server.js';
import { nginx } from '../helpers/nginx.js';
import { requireProgram } from '../helpers/programs.js';
import { scriptedServer, type Script } from '../helpers/scripted-server.js';

const GET = { method: 'GET', path: '/thing' } as const;
const POST = { method: 'POST', path: '/thing', json: {} } as const;

describe.runIf(requireProgram('nginx', 'nginx-light'))('nginx', () => {
  it('has its 429s and their Retry-After honoured, also for a POST', async () => {
    // `return` comes before the rate limit, so a file-less location with `try_files` is limited instead.
    await using server = await nginx(
      'location / { limit_req zone=all burst=1 nodelay; try_files /none =404; error_page 404 =200 @ok; } location @ok { return 200 "{}"; }',
    );
    const attempts: AttemptInfo[] = [];
    const http = new HttpClient({ baseUrl: server.url, onAttempt: (info) => attempts.push(info), maxRetries: 5 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => http.request(POST).withResponse()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const refused = attempts.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ retryDelayMs }) => retryDelayMs === 1000)).toBe(true);
  });

  it('may close the socket without an answer (444)', async () => {
    await using server = await nginx('location / { return 444; }');
    const clock = new FakeClock();
    const http = new HttpClient({ baseUrl: server.url, clock });
    await expect(clock.runUntilSettled(http.request(POST))).rejects.toMatchObject({
      name: 'ConnectionError',
      attempts: 1,
    });
    await expect(clock.runUntilSettled(http.request(GET))).rejects.toMatchObject({ attempts: 4 });
    await expect(http.request(POST)).rejects.toBeInstanceOf(ConnectionError);
  });

  it('may answer with an HTML page of its own when what is behind it is down', async () => {
    await using server = await nginx('location / { proxy_pass http://127.0.0.1:1; }');
    const http = new HttpClient({ baseUrl: server.url, maxRetries: 0 });
    const error: unknown = await http.request(GET).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ status: 502, serverMessage: undefined });
    expect(String(error)).not.toContain('<html>');
  });
});

const haproxy = (): Promise<ForeignServer> =>
  foreignServer(
    (port) => `
      global
        maxconn 64
      defaults
        mode http
        timeout connect 1s
        timeout client 5s
        timeout server 5s
      frontend limited
        bind 127.0.0.1:${port}
        stick-table type string len 8 size 10 expire 10s store http_req_rate(10s)
        http-request track-sc0 str(all)
        http-request return status 429 hdr Retry-After "%[date(3),http_date]" if { sc_http_req_rate(0) gt 1 }
        http-request return status 200 content-type application/json string "{}"
`,
    (file) => ['haproxy', '-f', file, '-db'],
  );

describe.runIf(requireProgram('haproxy', 'haproxy'))('HAProxy', () => {
  it('has its Retry-After honoured as an HTTP-date', async () => {
    await using server = await haproxy();
    const http = new HttpClient({ baseUrl: server.url, totalTimeoutMs: 1000 });
    await http.request(GET);
    const error: unknown = await http.request(GET).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    const { retryAfterMs } = error as RateLimitError;
    expect(retryAfterMs).toBeGreaterThanOrEqual(2000);
    expect(retryAfterMs).toBeLessThanOrEqual(4000);
  });
});

describe.runIf(requireProgram('faketime', 'faketime'))('a clock that is ten minutes ahead', () => {
  it('does not shorten a wait that is given as a date', async () => {
    const asDate: Script = (response) => {
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }).end();
    };
    await using server = await scriptedServer(asDate);
    const program = `
      import { HttpClient } from 'agent-assist-sdk';
      const http = new HttpClient({ baseUrl: '${server.url}', totalTimeoutMs: 5000 });
      await http.request({ method: 'GET', path: '/thing' }).catch((error) => console.log(Math.round(error.retryAfterMs / 10_000)));`;
    const child = spawn('faketime', ['-f', '+10m', process.execPath, '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    expect(output.trim()).toBe('9');
  });
});
