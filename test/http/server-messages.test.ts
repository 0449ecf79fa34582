import { describe, expect, it } from 'vitest';
import { HttpClient, type HttpRequest } from 'agent-assist-sdk';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

const POST: HttpRequest<unknown> = { method: 'POST', path: '/thing', json: { a: 1 } };

describe("the server's own message", () => {
  const messageOf = async (message: string): Promise<unknown> => {
    await using server = await scriptedServer(answer(400, { message }));
    return await new HttpClient({ baseUrl: server.url }).request(POST).catch((error: unknown) => error);
  };

  it('is one line without control characters', async () => {
    expect(await messageOf('no \u001b[31mbot\r\n2026-01-01 INFO forged\u2028line\u0000')).toMatchObject({
      serverMessage: 'no  [31mbot 2026-01-01 INFO forged line',
    });
  });

  it.each([
    ['Unknown bot Bearer abc.def\n', 'text/plain; charset=utf-8', 'Unknown bot Bearer [redacted]'],
    ['<html><title>Bad Request</title></html>', 'text/html', undefined],
    [' \n', 'text/plain', undefined],
    ['{"message": "', 'application/json', undefined],
  ])('is also what a gateway says in plain text: %j as %s', async (body, contentType, serverMessage) => {
    await using server = await scriptedServer(answer(400, body, { 'content-type': contentType }));
    const error: unknown = await new HttpClient({ baseUrl: server.url })
      .request(POST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'BadRequestError', serverMessage });
  });

  it.each([
    [
      {
        detail: [
          { loc: ['body', 'q'], msg: 'field required', input: 'private' },
          { loc: ['body'], msg: 'too long' },
        ],
      },
      'field required; too long',
    ],
    [{ error: 'Bad Request', errors: ['no bot', { message: 'no version' }, 7, null] }, 'no bot; no version'],
    [{ errors: [], title: 'Invalid' }, 'Invalid'],
    [{ errors: { q: 'private' } }, undefined],
  ])('is what a validator lists: %j', async (body, serverMessage) => {
    await using server = await scriptedServer(answer(422, body));
    const error: unknown = await new HttpClient({ baseUrl: server.url })
      .request(POST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'UnprocessableEntityError', serverMessage });
  });

  it.each([
    // Gateways: AWS, when its authorizer denies, and Apigee.
    [{ Message: 'not authorized: an explicit deny' }, { serverMessage: 'not authorized: an explicit deny' }],
    [{ fault: { faultstring: 'Invalid ApiKey', detail: { errorcode: 'x' } } }, { serverMessage: 'Invalid ApiKey' }],
    // CXone's token endpoint, dashboards, gateway, analytics, DFO.
    [
      { error: 'invalid_grant', errorDescription: 'no such key' },
      { serverMessage: 'no such key', serverCode: 'invalid_grant' },
    ],
    [
      { message: '', statusCode: 422, traceId: 't-1', exception: { message: 'no table' } },
      { serverMessage: 'no table', requestId: 't-1' },
    ],
    [{ timestamp: 1, status: 422, error: 'Unprocessable', path: '/x' }, { serverMessage: 'Unprocessable' }],
    [
      { statusCode: 422, message: 'no segment', description: 'd' },
      { serverMessage: 'no segment', serverCode: undefined },
    ],
    [
      { errors: [{ field: 'q', message: 'too long', errorCode: 'MAX_LENGTH' }], uid: 'u' },
      { serverMessage: 'too long', serverCode: 'MAX_LENGTH' },
    ],
    // Cognigy.AI.
    [
      { type: 'about:blank', title: 'Not Found', status: 404, detail: 'no flow', code: 1002, traceId: 'api-9' },
      { serverMessage: 'no flow', serverCode: '1002', requestId: 'api-9' },
    ],
    [
      { message: 7, detail: ['a'], code: '', error: { code: 0 } },
      { serverMessage: 'a', serverCode: '0' },
    ],
    [
      { code: 'has spaces and quotes', traceId: ['t'] },
      { serverCode: undefined, requestId: undefined },
    ],
  ])('is found where the platforms put it: %j', async (body, expected) => {
    await using server = await scriptedServer(answer(422, body));
    const error: unknown = await new HttpClient({ baseUrl: server.url })
      .request(POST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'UnprocessableEntityError', ...expected });
  });

  it.each([
    ['', { icStatusDescription: 'Invalid\u00a0session Bearer abc.def' }, 'Invalid\u00a0session Bearer [redacted]'],
    ['{"message": "of the body"}', { icStatusDescription: 'of the header' }, 'of the body'],
    ['<html></html>', { 'content-type': 'text/html', icStatusDescription: 'of the header' }, 'of the header'],
  ])('may stand in a header, which a body outdoes: %j', async (body, headers, serverMessage) => {
    await using server = await scriptedServer(answer(400, body, { 'x-trace-id': 'trace-9', ...headers }));
    const error: unknown = await new HttpClient({ baseUrl: server.url })
      .request(POST)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ serverMessage, requestId: 'trace-9' });
  });

  it('comes with the request id of a header rather than that of the body', async () => {
    await using server = await scriptedServer(answer(400, { traceId: 'body' }, { 'x-trace-id': 'header' }));
    await expect(new HttpClient({ baseUrl: server.url }).request(POST)).rejects.toMatchObject({ requestId: 'header' });
  });

  it('is cut to 500 characters, none of them half', async () => {
    expect(await messageOf(`${'x'.repeat(499)}😀`)).toMatchObject({ serverMessage: `${'x'.repeat(499)}\ufffd` });
  });
});
