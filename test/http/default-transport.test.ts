import { expect, it, onTestFinished, vi } from 'vitest';
import { HttpClient } from 'agent-assist-sdk';
import { answer, scriptedServer } from '../helpers/scripted-server.js';
import { GET, testTransport, testZstd } from './transport-suite.js';

testTransport('the default transport', {});
testZstd({});

it('gives each attempt headers of its own: what a wrapped fetch adds does not reach the next one', async () => {
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (url: string, init: { headers: Record<string, string> }) => {
    init.headers[`x-attempt-${server.requests.length + 1}`] = 'yes';
    return fetch(url, init);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  await using server = await scriptedServer(answer(503), answer(200));
  await new HttpClient({ baseUrl: server.url, random: () => 0 }).request(GET);
  const added = server.requests.map(({ headers }) => Object.keys(headers).filter((name) => name.startsWith('x-att')));
  expect(added).toEqual([['x-attempt-1'], ['x-attempt-2']]);
});

it('does not repeat a length that is not that of the body', async () => {
  await using server = await scriptedServer(answer(200));
  const http = new HttpClient({ baseUrl: server.url });
  const call = http.request({ method: 'PUT', path: '/thing', json: {} }, { headers: { 'content-length': '7' } });
  await expect(call).rejects.toMatchObject({
    attempts: 1,
    permanent: true,
    systemCode: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  });
});
