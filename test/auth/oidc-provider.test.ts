import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthClient, OAuthError, type ClientAuthentication } from 'agent-assist-sdk';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../helpers/fake-clock.js';

// A certified OpenID provider, written by others: it judges how credentials are encoded and what a token says.

const odd = { clientId: 'id: 50%+/?&=~*', clientSecret: 'p :+%20&=/"\\\'secret{}' };
const resource = 'urn:agent-assist';
const ttlSeconds = { opaque: 5, jwt: 1 } as const;

let server: Server;
let issuer: string;
let tokensIssued = 0;

function client(
  id: string,
  secret: string,
  method: Exclude<ClientAuthentication, 'access_key_json'>,
  format: 'opaque' | 'jwt',
  scope?: string,
) {
  return {
    client_id: id,
    client_secret: secret,
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_format: format,
    ...(scope === undefined ? {} : { scope }),
  };
}

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      client(`${odd.clientId}basic`, odd.clientSecret, 'client_secret_basic', 'opaque'),
      client(`${odd.clientId}post`, odd.clientSecret, 'client_secret_post', 'opaque'),
      client('jwt', 'secret', 'client_secret_post', 'jwt'),
      client('limited', 'secret', 'client_secret_post', 'jwt', 'agentassist:read'),
    ],
    scopes: ['agentassist:read', 'streaming:subscribe'],
    extraClientMetadata: { properties: ['token_format'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: (_context, _resource, client) => {
          const format = client['token_format'] === 'jwt' ? 'jwt' : 'opaque';
          return {
            scope: 'agentassist:read streaming:subscribe',
            accessTokenFormat: format,
            accessTokenTTL: ttlSeconds[format],
            audience: resource,
          };
        },
      },
    },
  });
  provider.on('client_credentials.issued', () => {
    tokensIssued += 1;
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function introspect(token: string): Promise<Record<string, unknown>> {
  const basic = btoa([`${odd.clientId}basic`, odd.clientSecret].map((part) => encodeURIComponent(part)).join(':'));
  const response = await fetch(`${issuer}/token/introspection`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    headers: { authorization: `Basic ${basic}` },
  });
  return (await response.json()) as Record<string, unknown>;
}

describe('against oidc-provider', () => {
  it.each([
    ['client_secret_basic', 'basic'],
    ['client_secret_post', 'post'],
  ] as const)('gets an opaque token by %s with characters that need encoding', async (clientAuthentication, suffix) => {
    const clientId = odd.clientId + suffix;
    const auth = new AuthClient({
      tokenUrl: `${issuer}/token`,
      clientId,
      clientSecret: odd.clientSecret,
      clientAuthentication,
      scopes: ['agentassist:read'],
    });
    const token = await auth.getToken();
    const known = await introspect(token);
    expect(known).toMatchObject({ active: true, client_id: clientId, scope: 'agentassist:read', token_type: 'Bearer' });
    expect(Number(known['exp']) - Number(known['iat'])).toBe(5);
  });

  it('gets a JWT for the default resource', async () => {
    const auth = new AuthClient({
      tokenUrl: `${issuer}/token`,
      clientId: 'jwt',
      clientSecret: 'secret',
      scopes: ['streaming:subscribe'],
    });
    const [, payload = ''] = (await auth.getToken()).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
    expect(claims).toMatchObject({ iss: issuer, aud: resource, client_id: 'jwt', scope: 'streaming:subscribe' });
  });

  it.each([
    [
      'a wrong secret by Basic',
      { clientId: `${odd.clientId}basic`, clientSecret: 'wrong:+%', clientAuthentication: 'client_secret_basic' },
      401,
      'invalid_client',
    ],
    ['a wrong secret in the form', { clientId: 'jwt', clientSecret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { clientId: 'nobody', clientSecret: 'x' }, 401, 'invalid_client'],
    [
      "a scope that is not the client's",
      { clientId: 'limited', clientSecret: 'secret', scopes: ['streaming:subscribe'] },
      400,
      'invalid_scope',
    ],
  ] as const)('reports %s by its code', async (_, options, status, serverCode) => {
    const error = await new AuthClient({ tokenUrl: `${issuer}/token`, ...options })
      .getToken()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ status, serverCode, attempts: 1 });
    expect((error as OAuthError).serverMessage).toBeTypeOf('string');
  });

  it('renews tokens of one second as they expire and shares each among all callers', async () => {
    const before = tokensIssued;
    const clock = new FakeClock();
    const auth = new AuthClient({ tokenUrl: `${issuer}/token`, clientId: 'jwt', clientSecret: 'secret', clock });
    const seen = new Set<string>();
    for (let second = 0; second < 5; second += 1) {
      for (const token of await Promise.all(Array.from({ length: 50 }, () => auth.getToken()))) seen.add(token);
      await clock.advance(1000);
    }
    expect(seen.size).toBe(5);
    expect(tokensIssued - before).toBe(5);
  });
});
