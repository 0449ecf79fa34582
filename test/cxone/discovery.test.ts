import { inspect } from 'node:util';
import {
  AuditClient,
  AuthClient,
  CalibrationClient,
  HttpClient,
  KnowledgeClient,
  NotSupportedError,
  type ResponseValidationError,
  SimulationClient,
  WebhooksClient,
} from 'agent-assist-sdk';
import { connectCxone, cxoneArea, discoverCxone, readIdToken, type DiscoverCxoneOptions } from 'agent-assist-sdk/cxone';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer, dropConnection, scriptedServer, type Script } from '../helpers/scripted-server.js';

const TENANT = '11111111-2222-4333-8444-555555555555';
const ISSUER = 'https://cxone.niceincontact.com';

/** As recorded: transcripts-agent-sdk-26.2.1, `auth.getAccessTokenByToken`. */
const OPENID = { issuer: ISSUER, token_endpoint: `${ISSUER}/auth/token`, jwks_uri: `${ISSUER}/auth/jwks` };
const CONFIGURATION = {
  private: false,
  ui_endpoint: 'https://na1.nice-incontact.com',
  auth_endpoint: 'https://na1.nice-incontact.com',
  api_endpoint: 'https://api-c31.nice-incontact.com',
  area: 'na1',
  cluster: 'c31',
  domain: 'niceincontact.com',
  acdDomain: 'nice-incontact.com',
  uhDomain: 'nice-incontact.com',
  tenantId: TENANT,
};

const jwt = (claims: unknown): string =>
  ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'CANARY-signature'].join('.');

interface Asked {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Answers by path; notes what was asked. */
function cxone(
  openid: object = OPENID,
  configuration: object = CONFIGURATION,
  idToken: unknown = jwt({ tenantId: TENANT }),
) {
  const asked: Asked[] = [];
  const fetch: DiscoverCxoneOptions['fetch'] = (url, init) => {
    asked.push({ url, headers: new Headers(init.headers), body: init.body ?? '' });
    const { pathname } = new URL(url);
    const grant = { access_token: 'CANARY-access', token_type: 'Bearer', expires_in: 3600, id_token: idToken };
    const answers: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': openid,
      '/.well-known/cxone-configuration': configuration,
      '/auth/token': grant,
    };
    return Promise.resolve(
      Response.json(answers[pathname] ?? {}, { status: answers[pathname] === undefined ? 404 : 200 }),
    );
  };
  return { asked, fetch };
}

describe('discoverCxone', () => {
  it('finds every host of a tenant, and sends no credential', async () => {
    const { asked, fetch } = cxone();
    const platform = await discoverCxone({ tenantId: TENANT, fetch });
    expect(asked.map(({ url }) => url).toSorted()).toEqual([
      `${ISSUER}/.well-known/cxone-configuration?tenantId=${TENANT}`,
      `${ISSUER}/.well-known/openid-configuration`,
    ]);
    expect(asked.some(({ headers }) => headers.has('authorization'))).toBe(false);
    expect(platform).toMatchObject({
      name: 'CXone',
      issuer: ISSUER,
      area: 'na1',
      baseUrl: 'https://api-na1.niceincontact.com',
      tokenUrl: 'https://cxone.niceincontact.com/auth/token',
      streamUrl: 'wss://websocket-na1.niceincontact.com/agent-assist-notifications/notifications/ws',
      acdUrl: 'https://api-c31.nice-incontact.com',
      dfoUrl: 'https://api-de-na1.niceincontact.com',
      userHubUrl: 'https://na1.nice-incontact.com',
      clientAuthentication: 'client_secret_basic',
    });
  });

  it('follows the domains of the answer, and of the sovereign area for its digital channels', async () => {
    const issuer = 'https://cxone-gov.niceincontact.com';
    const { fetch } = cxone(
      { issuer: `${issuer}/`, token_endpoint: `${issuer}/auth/token` },
      { ...CONFIGURATION, area: 'NA2', domain: 'gov.example.com', uhDomain: 'hub.example.com' },
    );
    expect(await discoverCxone({ tenantId: TENANT, issuer, fetch })).toMatchObject({
      baseUrl: 'https://api-na2.gov.example.com',
      streamUrl: 'wss://websocket-na2.gov.example.com/agent-assist-notifications/notifications/ws',
      dfoUrl: 'https://api-de-na2.nicecxone-gov.com',
      userHubUrl: 'https://na2.hub.example.com',
    });
  });

  it('reads the area from the host of UserHub where the answer leaves it out', async () => {
    const configuration = { ...CONFIGURATION, area: undefined };
    expect((await discoverCxone({ tenantId: TENANT, fetch: cxone(OPENID, configuration).fetch })).area).toBe('na1');
    const login = { ...configuration, auth_endpoint: ISSUER };
    expect((await discoverCxone({ tenantId: TENANT, fetch: cxone(OPENID, login).fetch })).area).toBe('na1');
    const upperCase = { ...login, uhDomain: 'NICE-inContact.com' };
    expect((await discoverCxone({ tenantId: TENANT, fetch: cxone(OPENID, upperCase).fetch })).area).toBe('na1');
    const elsewhere = { ...login, ui_endpoint: 'https://ui.example.com' };
    await expect(discoverCxone({ tenantId: TENANT, fetch: cxone(OPENID, elsewhere).fetch })).rejects.toMatchObject({
      name: 'ResponseValidationError',
      issues: [{ path: 'area', message: 'missing' }],
    });
  });

  it.each([undefined, null])(
    'takes an answer with the issuer %s, since the token endpoint has to lie on the asked host anyway',
    async (issuer) => {
      const { fetch } = cxone({ ...OPENID, issuer });
      expect((await discoverCxone({ tenantId: TENANT, fetch })).tokenUrl).toBe(`${ISSUER}/auth/token`);
    },
  );

  it.each([
    [{ token_endpoint: 'https://attacker.example/auth/token' }, {}, 'token_endpoint'],
    [{ token_endpoint: 'http://cxone.niceincontact.com/auth/token' }, {}, 'token_endpoint'],
    [{ token_endpoint: 'https://user:CANARY@cxone.niceincontact.com/auth/token' }, {}, 'token_endpoint'],
    [{ token_endpoint: 'no URL' }, {}, 'token_endpoint'],
    [{ issuer: 'https://attacker.example' }, {}, 'issuer'],
    [{}, { api_endpoint: 'http://api-c31.nice-incontact.com' }, 'api_endpoint'],
    [{}, { api_endpoint: 'https://u:CANARY@api-c31.nice-incontact.com' }, 'api_endpoint'],
    [{}, { domain: 'evil.example/path' }, 'domain'],
    [{}, { domain: '' }, 'domain'],
    [{}, { domain: 'x@evil.example' }, 'domain'],
    [{}, { uhDomain: 'evil.example:8080' }, 'uhDomain'],
    [{}, { uhDomain: undefined }, 'uhDomain'],
  ])('refuses an answer whose %j %j is not to be trusted', async (openid, configuration, path) => {
    const { fetch } = cxone({ ...OPENID, ...openid }, { ...CONFIGURATION, ...configuration });
    const error: unknown = await discoverCxone({ tenantId: TENANT, fetch, maxRetries: 0 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'ResponseValidationError', status: 200 });
    expect((error as ResponseValidationError).issues[0]?.path).toBe(path);
    expect(inspect(error, { depth: Infinity })).not.toContain('CANARY');
  });

  it('never takes a host that is no host from the names of an answer', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.domain(),
      fc.constantFrom('a.b/c', 'a.b?x', 'a.b#', '127.0.0.1', 'a..b', '.a', 'a.', '[::1]'),
    );
    await fc.assert(
      fc.asyncProperty(text, text, text, async (area, domain, uhDomain) => {
        const { fetch } = cxone(OPENID, { ...CONFIGURATION, area, domain, uhDomain });
        const platform = await discoverCxone({ tenantId: TENANT, fetch }).catch(() => undefined);
        if (platform === undefined) return;
        for (const value of [platform.baseUrl, platform.dfoUrl, platform.userHubUrl]) {
          expect(new URL(value).href).toBe(`${value.toLowerCase()}/`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [{ tenantId: undefined }, 'tenantId: missing'],
    [{ tenantId: TENANT, issuer: 'http://cxone.niceincontact.com' }, 'issuer: credentials would be sent unencrypted'],
    [{ tenantId: TENANT, issuer: 'https://u:p@cxone.niceincontact.com' }, 'issuer: must not contain credentials'],
    [{ tenantId: TENANT, tenant: 'x' }, 'unknown option "tenant"'],
  ])('refuses %j', async (options, message) => {
    await expect(discoverCxone(options)).rejects.toThrow(message);
  });

  const failures: [string, Script, string][] = [
    ['a dropped connection', dropConnection, 'ConnectionError'],
    ['a status', answer(503, { message: 'down', traceId: 't' }), 'ServerError'],
    ['garbage', answer(200, 'no JSON'), 'ResponseValidationError'],
    ['a page', answer(200, '<html></html>', { 'content-type': 'text/html' }), 'ResponseValidationError'],
    ['another shape', answer(200, [1]), 'ResponseValidationError'],
  ];
  it.each(failures)('says what failed: %s', async (_, script, name) => {
    await using server = await scriptedServer(script);
    await expect(discoverCxone({ tenantId: TENANT, issuer: server.url, maxRetries: 0 })).rejects.toMatchObject({
      name,
    });
  });
});

describe('connectCxone', () => {
  const login = { clientId: 'id', clientSecret: 'CANARY-client', accessKey: { id: 'key', secret: 'CANARY-key' } };

  it('logs in at the token endpoint of the issuer, and then asks for the tenant of the id token', async () => {
    const { asked, fetch } = cxone();
    const { auth, platform } = await connectCxone({ ...login, fetch });
    expect(asked.map(({ url }) => url)).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
      `${ISSUER}/auth/token`,
      `${ISSUER}/.well-known/cxone-configuration?tenantId=${TENANT}`,
    ]);
    expect(asked[1]?.body).toBe('grant_type=password&username=key&password=CANARY-key');
    expect(await auth.getToken()).toBe('CANARY-access');
    expect(asked).toHaveLength(3);
    expect(platform.baseUrl).toBe('https://api-na1.niceincontact.com');
  });

  it('names itself when an option is unknown', async () => {
    const { asked, fetch } = cxone();
    await expect(connectCxone({ ...login, fetch, tenantId: TENANT } as never)).rejects.toThrow(
      'connectCxone: unknown option "tenantId"; expected one of',
    );
    expect(asked).toHaveLength(0);
  });

  it('sends no secret to a token endpoint elsewhere', async () => {
    const { asked, fetch } = cxone({ ...OPENID, token_endpoint: 'https://attacker.example/auth/token' });
    await expect(connectCxone({ ...login, fetch })).rejects.toThrow('token_endpoint');
    expect(asked).toHaveLength(1);
  });

  it.each([null, 'CANARY.no.token', jwt([]), jwt({ tenantId: '' }), jwt({ tenant: 'x' })])(
    'says that an id token names no tenant: %s',
    async (idToken) => {
      const { fetch } = cxone(OPENID, CONFIGURATION, idToken);
      const error: unknown = await connectCxone({ ...login, fetch }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'ResponseValidationError', path: '/auth/token' });
      expect(`${inspect(error, { depth: Infinity })} ${JSON.stringify(error)}`).not.toContain('CANARY');
    },
  );
});

describe('cxoneArea', () => {
  it('says what an area is, by an example of one', () => {
    expect(() => cxoneArea({ area: 'https://na1.nice.com' })).toThrow(
      /e\.g\. na1 for https:\/\/api-na1\.niceincontact\.com$/,
    );
  });

  it('has the hosts of an area', () => {
    expect(cxoneArea({ area: 'EU1' })).toMatchObject({
      baseUrl: 'https://api-eu1.niceincontact.com',
      tokenUrl: 'https://cxone.niceincontact.com/auth/token',
      streamUrl: 'wss://websocket-eu1.niceincontact.com/agent-assist-notifications/notifications/ws',
      dfoUrl: 'https://api-de-eu1.niceincontact.com',
      userHubUrl: 'https://eu1.nice-incontact.com',
      acdUrl: undefined,
    });
    expect(cxoneArea({ area: 'na2' })).toMatchObject({
      issuer: 'https://cxone-gov.niceincontact.com',
      dfoUrl: 'https://api-de-na2.nicecxone-gov.com',
    });
    expect(
      cxoneArea({
        area: 'na1',
        domain: 'a.example',
        userHubDomain: 'b.example',
        dfoDomain: 'c.example',
        acdUrl: 'https://d.example/',
        issuer: 'https://e.example',
        streamUrl: 'https://f.example/ws',
      }),
    ).toMatchObject({
      baseUrl: 'https://api-na1.a.example',
      userHubUrl: 'https://na1.b.example',
      dfoUrl: 'https://api-de-na1.c.example',
      acdUrl: 'https://d.example',
      tokenUrl: 'https://e.example/auth/token',
      streamUrl: 'wss://f.example/ws',
    });
  });

  it.each(['domain', 'userHubDomain', 'dfoDomain'])('names a %s that is none', (name) => {
    expect(() => cxoneArea({ area: 'na1', [name]: 'https://x.example' })).toThrow(new RegExp(`^${name}: `));
  });

  it.each([
    [{ area: 'na1.evil.example/' }, 'area: '],
    [{ area: 'na1', domain: 'evil.example/x' }, 'domain: '],
    [{ area: 'na1', acdUrl: 'ftp://x' }, 'acdUrl: '],
    [{ area: 'na1', issuer: 'http://x.example' }, 'issuer: '],
    [{ area: 'na1', region: 'eu' }, 'unknown option "region"'],
  ])('refuses %j', (options, message) => {
    expect(() => cxoneArea(options)).toThrow(message);
  });

  it('refuses the calls that CXone does not have, with what to do instead, and sends nothing', async () => {
    const sent: string[] = [];
    const fetch = (url: unknown): Promise<Response> => {
      sent.push(String(url));
      return Promise.resolve(Response.json({}));
    };
    const http = new HttpClient({ platform: cxoneArea({ area: 'na1' }), fetch });
    const calls: readonly (() => PromiseLike<unknown>)[] = [
      () => new CalibrationClient(http).get('job'),
      () => new SimulationClient(http).get('s'),
      () =>
        new WebhooksClient(http).register({
          url: 'https://hooks.example.com/assist',
          events: ['agentassist.alert.triggered'],
          secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        }),
      () => new AuditClient(http).listAll()[Symbol.asyncIterator]().next(),
      () => new KnowledgeClient(http).search({ q: 'refund' }),
    ];
    for (const call of calls) {
      const error = await Promise.resolve()
        .then(call)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NotSupportedError);
      expect(error).toMatchObject({ platform: 'CXone', instead: expect.stringMatching(/\w{3}/) as string });
    }
    expect(sent).toEqual([]);
  });
});

describe('readIdToken', () => {
  it('reads who the token is for', () => {
    const claims = {
      tenantId: TENANT,
      sub: 'user:u-1',
      icAgentId: '1001',
      icBUId: 4600001,
      icClusterId: 'C31',
      name: 'Zoë',
    };
    expect(readIdToken(jwt(claims))).toEqual({
      tenantId: TENANT,
      userId: 'u-1',
      agentId: '1001',
      businessUnitId: '4600001',
      clusterId: 'C31',
      claims,
    });
    expect(readIdToken(jwt({ userId: 'u-2', sub: 'user:u-1' }))?.userId).toBe('u-2');
  });

  it('takes any text', () => {
    const part = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const identity = readIdToken(parts.join('.'));
        expect(identity === undefined || typeof identity.claims === 'object').toBe(true);
      }),
    );
  });

  it('needs no login of its own', async () => {
    await using server = await scriptedServer(answer(200, { access_token: 'a', id_token: jwt({ tenantId: TENANT }) }));
    const auth = new AuthClient({ tokenUrl: server.url, clientId: 'i', clientSecret: 's' });
    expect(readIdToken((await auth.getIdToken()) ?? '')?.tenantId).toBe(TENANT);
  });
});
