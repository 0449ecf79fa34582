import { describe, expect, it } from 'vitest';
import {
  AssistStream,
  AuthClient,
  ConfigurationError,
  HttpClient,
  StaticTokenAuth,
  cognigy,
  type Transport,
} from 'agent-assist-sdk';

const auth = new StaticTokenAuth({ token: 'token' });
const credentials = { clientId: 'id', clientSecret: 'secret' };
const transport: Transport = () => Promise.resolve({ status: 204, headers: new Headers(), body: null });

/** The three places that send credentials, each with a URL of its own. */
const places: Readonly<Record<string, (host: string, options?: { allowInsecureRequests: boolean }) => unknown>> = {
  tokenUrl: (host, options) => new AuthClient({ tokenUrl: `http://${host}/token`, ...credentials, ...options }),
  baseUrl: (host, options) => new HttpClient({ baseUrl: `http://${host}/api`, auth, ...options }),
  streamUrl: (host, options) => new AssistStream({ streamUrl: `ws://${host}/stream`, auth, ...options }),
};

describe.each(Object.entries(places))('credentials over plain http to the %s', (name, place) => {
  it.each([
    'acme.example',
    '10.0.0.1:8080',
    '127.0.0.1.acme.example',
    'localhost.acme.example',
    'notlocalhost',
    '[::2]',
    '[::ffff:10.0.0.1]',
    '0.0.0.0',
  ])('are refused for %s, with what to do', (host) => {
    const refusal = expect(() => place(host));
    refusal.toThrow(ConfigurationError);
    refusal.toThrow(new RegExp(`^${name}: .*unencrypted to .*use (?:https|wss).*allowInsecureRequests: true`));
  });

  it.each(['127.0.0.1:8080', '127.8.9.1', '127.1', '[::1]:80', 'localhost:3000', 'LOCALHOST.', 'acme.localhost'])(
    'are sent to %s, which is this machine',
    (host) => {
      expect(() => place(host)).not.toThrow();
    },
  );

  it('are sent where the option asks for it', () => {
    expect(() => place('acme.example', { allowInsecureRequests: true })).not.toThrow();
    expect(() => place('acme.example', { allowInsecureRequests: false })).toThrow(ConfigurationError);
    expect(() => place('acme.example', { allowInsecureRequests: 'false' as never })).toThrow(ConfigurationError);
  });
});

describe('a client without a provider of credentials', () => {
  const http = new HttpClient({ baseUrl: 'http://acme.example', transport });

  it('calls by plain http', async () => {
    await expect(http.request({ method: 'GET', path: '/' })).resolves.toBeUndefined();
  });

  it.each(['Authorization', 'COOKIE', 'proxy-authorization', 'X-Api-Key', 'apikey', 'X-Deki-Token', 'X-Webhook-Key'])(
    'sends no header %s',
    async (name) => {
      const headers = { [name]: 'value' };
      const refusal = /^baseUrl: .*allowInsecureRequests/;
      expect(() => new HttpClient({ baseUrl: 'http://acme.example', headers })).toThrow(refusal);
      await expect(http.request({ method: 'GET', path: '/' }, { headers })).rejects.toThrow(refusal);
      await expect(http.request({ method: 'GET', path: '/', headers })).rejects.toThrow(refusal);
      const allowed = new HttpClient({ baseUrl: 'http://acme.example', transport, allowInsecureRequests: true });
      await expect(allowed.request({ method: 'GET', path: '/' }, { headers })).resolves.toBeUndefined();
    },
  );
});

it('holds for the platform of a private installation as well', () => {
  const platform = cognigy({ host: 'http://assist.internal' });
  expect(() => new AuthClient({ platform, ...credentials })).toThrow(/^tokenUrl/);
  expect(() => new HttpClient({ platform, auth })).toThrow(/^baseUrl/);
  expect(() => new AssistStream({ platform, auth })).toThrow(/^streamUrl/);
});
