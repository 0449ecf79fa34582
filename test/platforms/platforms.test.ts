import { AuthClient, cognigy, cxone, HttpClient, type CognigyOptions, type PlatformOptions } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';

describe('cognigy', () => {
  it('is the platform of protocol 1', () => {
    expect(cognigy({ tenant: 'acme' })).toEqual({
      baseUrl: 'https://acme.cognigy.ai/api/v1',
      tokenUrl: 'https://acme.cognigy.ai/api/v1/oauth/token',
      streamUrl: 'wss://acme.cognigy.ai/api/v1/streaming/agentassist',
      streamToken: 'header',
      streamScope: 'streaming:subscribe',
    });
  });

  it('takes the other token path and the other domain as one option each', () => {
    const platform = cognigy({ tenant: 'Acme', host: '.cognigy.com', tokenPath: '/api/v1/auth/token' });
    expect(platform).toMatchObject({
      baseUrl: 'https://acme.cognigy.com/api/v1',
      tokenUrl: 'https://acme.cognigy.com/api/v1/auth/token',
      streamUrl: 'wss://acme.cognigy.com/api/v1/streaming/agentassist',
    });
  });

  it.each([
    ['assist.example.com', 'https://assist.example.com'],
    ['assist.example.com:8443', 'https://assist.example.com:8443'],
    ['https://assist.example.com/', 'https://assist.example.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['localhost:3000', 'https://localhost:3000'],
  ])('derives all URLs from the host %s', (host, origin) => {
    for (const platform of [cognigy({ host }), cognigy({ tenant: 'acme', host })]) {
      expect(platform).toEqual({
        baseUrl: `${origin}/api/v1`,
        tokenUrl: `${origin}/api/v1/oauth/token`,
        streamUrl: `${origin.replace('http', 'ws')}/api/v1/streaming/agentassist`,
        streamToken: 'header',
        streamScope: 'streaming:subscribe',
      });
    }
  });

  it.each([
    ['http://127.0.0.1:8080/api/v1', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/api/v1/', 'http://127.0.0.1:8080'],
    ['https://gateway.example/cognigy/api/v1', 'https://gateway.example/cognigy'],
    ['https://gateway.example/assist', 'https://gateway.example/assist'],
  ])('derives token and stream URL from the base %s', (baseUrl, root) => {
    expect(cognigy({ tenant: 'acme', baseUrl })).toMatchObject({
      baseUrl: baseUrl.replace(/\/$/, ''),
      tokenUrl: `${root}/api/v1/oauth/token`,
      streamUrl: `${root.replace('http', 'ws')}/api/v1/streaming/agentassist`,
    });
  });

  it('keeps the host for the rest when a base is given beside it', () => {
    expect(cognigy({ host: 'assist.example.com', baseUrl: 'https://gateway.example/rest' })).toMatchObject({
      baseUrl: 'https://gateway.example/rest',
      tokenUrl: 'https://assist.example.com/api/v1/oauth/token',
      streamUrl: 'wss://assist.example.com/api/v1/streaming/agentassist',
    });
  });

  it('replaces every entry', () => {
    expect(
      cognigy({
        tenant: 'acme',
        baseUrl: new URL('https://rest.example/v2'),
        tokenUrl: 'https://login.example/oauth2/token/?realm=a',
        streamUrl: 'https://stream.example/ws?region=eu',
        streamToken: 'query',
        paths: { suggest: '/suggest' },
        clientAuthentication: 'client_secret_basic',
      }),
    ).toEqual({
      baseUrl: 'https://rest.example/v2',
      tokenUrl: 'https://login.example/oauth2/token/?realm=a',
      streamUrl: 'wss://stream.example/ws?region=eu',
      streamToken: 'query',
      streamScope: 'streaming:subscribe',
      paths: { suggest: '/suggest' },
      clientAuthentication: 'client_secret_basic',
    });
  });

  it.each([
    [{}, 'tenant'],
    [{ host: '.cognigy.com' }, 'tenant'],
    [{ tenant: '' }, 'tenant'],
    [{ tenant: 'a.b' }, 'tenant'],
    [{ tenant: 'evil.example/' }, 'tenant'],
    [{ tenant: 'user@evil' }, 'tenant'],
    [{ tenant: 'acme:80' }, 'tenant'],
    [{ tenant: '-acme' }, 'tenant'],
    [{ tenant: 'acme-' }, 'tenant'],
    [{ tenant: 'acme\n' }, 'tenant'],
    [{ tenant: 'a'.repeat(64) }, 'tenant'],
    [{ tenant: 'acmé' }, 'tenant'],
    [{ tenant: 'a_b', host: 'assist.example.com' }, 'tenant'],
    [{ host: '' }, 'host'],
    [{ host: 'user:canary@assist.example.com' }, 'host'],
    [{ host: 'assist.example.com/path' }, 'host'],
    [{ host: 'assist.example.com?x' }, 'host'],
    [{ host: 'assist.example.com:99999' }, 'host'],
    [{ host: 'wss://assist.example.com' }, 'host'],
    [{ host: 'assist.example.com\\@evil.example' }, 'host'],
    [{ host: 'assist\t.example.com' }, 'host'],
    [{ tenant: 'acme', host: '.' }, 'host'],
    [{ tenant: 'acme', host: '.x/../y' }, 'host'],
    [{ baseUrl: 'not a url' }, 'baseUrl'],
    [{ baseUrl: 'https://acme.cognigy.ai' }, 'baseUrl'],
    [{ baseUrl: new URL('https://ACME.cognigy.com/') }, 'baseUrl'],
    [{ baseUrl: 'https://u:canary@assist.example.com' }, 'baseUrl'],
    [{ baseUrl: 'https://assist.example.com?x=1' }, 'baseUrl'],
    [{ tenant: 'acme', tokenPath: 'oauth/token' }, 'tokenPath'],
    [{ tenant: 'acme', tokenPath: '.evil.example/token' }, 'tokenPath'],
    [{ tenant: 'acme', tokenPath: '' }, 'tokenPath'],
    [{ tenant: 'acme', tokenUrl: 'ftp://assist.example.com' }, 'tokenUrl'],
    [{ tenant: 'acme', tokenUrl: 'https://u:canary@assist.example.com' }, 'tokenUrl'],
    [{ tenant: 'acme', tokenUrl: '/oauth/token' }, 'tokenUrl'],
    [{ tenant: 'acme', streamUrl: 'wss://u:canary@assist.example.com' }, 'streamUrl'],
    [{ tenant: 'acme', streamUrl: 'ftp://assist.example.com' }, 'streamUrl'],
    [{ tenant: 'acme', streamUrl: 'wss://assist.example.com#x' }, 'streamUrl'],
    [{ tenant: 'acme', streamToken: 'cookie' as 'query' }, 'streamToken'],
  ] satisfies [CognigyOptions, string][])('refuses %j and names %s', (options, name) => {
    const create = (): unknown => cognigy(options);
    expect(create).toThrow(expect.objectContaining({ name: 'ConfigurationError' }) as Error);
    expect(create).toThrow(new RegExp(`^${name}: `));
    expect(create).not.toThrow('canary');
  });

  it('lets no tenant, whatever it is called, leave the domain', () => {
    const alphabet = fc.constantFrom(
      'a',
      'A',
      '0',
      '-',
      '.',
      '_',
      '/',
      '\\',
      '@',
      ':',
      '?',
      '#',
      '%',
      '[',
      ']',
      ' ',
      '\t',
      '\n',
      'é',
      '%2f',
      '..',
      'xn--',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: alphabet }), fc.string({ unit: anyCharacter })), (tenant) => {
        let platform;
        try {
          platform = cognigy({ tenant });
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConfigurationError' });
          return;
        }
        const host = `${tenant.toLowerCase()}.cognigy.ai`;
        for (const url of [platform.baseUrl, platform.tokenUrl, platform.streamUrl])
          expect(new URL(url).host).toBe(host);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes every DNS label', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/), (tenant) => {
        expect(cognigy({ tenant }).baseUrl).toBe(`https://${tenant}.cognigy.ai/api/v1`);
      }),
    );
  });
});

describe('cxone', () => {
  it('is the platform of protocol 1', () => {
    expect(cxone()).toEqual({
      baseUrl: 'https://api.niceincontact.com',
      tokenUrl: 'https://api.niceincontact.com/oauth/token',
      streamUrl: 'wss://api.niceincontact.com/cxoneapi/v2/agentassist/stream',
      streamToken: 'query',
      streamScope: 'agentassist:read',
    });
  });

  it.each([{ host: 'http://127.0.0.1:8080' }, { baseUrl: 'http://127.0.0.1:8080/' }])(
    'derives all URLs from %j',
    (options) => {
      expect(cxone(options)).toEqual({
        baseUrl: 'http://127.0.0.1:8080',
        tokenUrl: 'http://127.0.0.1:8080/oauth/token',
        streamUrl: 'ws://127.0.0.1:8080/cxoneapi/v2/agentassist/stream',
        streamToken: 'query',
        streamScope: 'agentassist:read',
      });
    },
  );

  it.each([
    [{ host: 'a/b' }, 'host'],
    [{ host: '.niceincontact.com' }, 'host'],
    [{ tokenPath: 'token' }, 'tokenPath'],
  ] satisfies [PlatformOptions, string][])('refuses %j and names %s', (options, name) => {
    expect(() => cxone(options)).toThrow(new RegExp(`^${name}: `));
  });
});

describe('against a tenant', () => {
  it('reaches it by each preset with nothing but its address', async () => {
    await using tenant = await startTenant();
    expect(cognigy({ baseUrl: tenant.baseUrl })).toEqual(tenant.platform);
    expect(cxone({ host: tenant.origin })).toEqual(tenant.cxonePlatform);
    const platform = cognigy({ host: tenant.origin, tokenPath: '/api/v1/auth/token' });
    await using auth = new AuthClient({ platform, ...tenant.credentials });
    const http = new HttpClient({ platform, auth });
    const json = { interactionId: 'i', transcript: 'refund', sentimentScore: 0, context: {} };
    await http.request({ method: 'POST', path: http.path('suggest', '/agentassist/suggest'), json });
    expect(tenant.requests.all.map(({ path }) => path)).toEqual(['/api/v1/auth/token', '/api/v1/agentassist/suggest']);
  });
});
