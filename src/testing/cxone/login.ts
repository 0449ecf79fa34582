import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LinkedMap } from '../../linked-map.js';
import { KEPT } from '../server/kept.js';
import { HttpProblem } from '../server/problem.js';
import { basicPair, challengeOf, formDecode } from '../server/token-endpoint.js';
import type { TokenRegistry } from '../server/tokens.js';
import type { IdTokens } from './id-tokens.js';

/** An application that is registered with CXone. */
export interface CxoneClient {
  readonly clientId: string;
  /** Secret. A browser's application has none, and gets tokens by authorization code and exchange only. */
  readonly clientSecret?: string | undefined;
}

/** An access key of a CXone user. */
export interface CxoneAccessKey {
  /** Key id: the user name of the password grant. */
  readonly id: string;
  /** Key secret: the password. */
  readonly secret: string;
}

/** @internal What a login returns. */
export interface LoginTokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly id_token: string;
}

/** @internal For whom tokens are, and by which name of the login. */
export interface Audience {
  readonly clientId: string;
  readonly issuer: string;
}

interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
}

const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

interface LoginParts {
  readonly tokens: TokenRegistry;
  readonly idTokens: IdTokens;
  readonly claims: Readonly<Record<string, string>>;
  readonly clients: readonly CxoneClient[];
  readonly accessKeys: readonly CxoneAccessKey[];
}

/** @internal The login: who may have tokens, and for what. */
export class Login {
  readonly #parts: LoginParts;
  readonly #codes = new LinkedMap<string, AuthorizationCode>(KEPT);
  readonly #refreshTokens = new LinkedMap<string, string>(KEPT);

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** Lets the user in at once, without a page: the URL to go back to, with a code. */
  authorize(query: URLSearchParams): string {
    const clientId = query.get('client_id') ?? '';
    const redirectUri = query.get('redirect_uri');
    if (!this.#parts.clients.some((client) => client.clientId === clientId)) throw refused('invalid_client', 401);
    if (redirectUri === null || !URL.canParse(redirectUri)) throw refused('invalid_request');
    if (query.get('response_type') !== 'code') throw refused('unsupported_response_type');
    if (query.get('scope') !== 'openid') throw refused('invalid_scope');
    const challenge = query.get('code_challenge') ?? undefined;
    if (challenge !== undefined && query.get('code_challenge_method') !== 'S256') throw refused('invalid_request');
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { clientId, redirectUri, challenge });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    const state = query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    return back.href;
  }

  /** Answers `/auth/token`. */
  async grant(headers: IncomingHttpHeaders, bodyText: string, issuer: string): Promise<object> {
    const form = readForm(headers, bodyText);
    const client = this.#clientOf(headers, form);
    const scope = form.get('scope');
    if (scope !== undefined && scope !== 'openid') throw refused('invalid_scope');
    switch (form.get('grant_type')) {
      case 'password':
        if (client?.clientSecret === undefined) break;
        return this.byAccessKey(form.get('username'), form.get('password'), { clientId: client.clientId, issuer });
      case 'authorization_code':
        if (client === undefined) break;
        return this.#byCode(form, client, issuer);
      case 'refresh_token':
        return this.refresh(form.get('refresh_token'), issuer);
      case 'urn:ietf:params:oauth:grant-type:token-exchange':
      case 'token-exchange':
        if (client === undefined) break;
        return this.#byToken(form, client, issuer);
      case undefined:
        throw refused('invalid_request');
      default:
        throw refused('unsupported_grant_type');
    }
    throw refused('invalid_client', 401);
  }

  async byAccessKey(id: unknown, secret: unknown, audience: Audience): Promise<LoginTokens> {
    if (!this.#parts.accessKeys.some((key) => key.id === id && key.secret === secret)) throw refused('invalid_grant');
    return this.#issue(audience);
  }

  async refresh(refreshToken: unknown, issuer: string): Promise<LoginTokens> {
    const clientId = typeof refreshToken === 'string' ? this.#refreshTokens.get(refreshToken) : undefined;
    if (clientId === undefined) throw refused('invalid_grant');
    return this.#issue({ clientId, issuer });
  }

  async exchange(subjectToken: unknown, audience: Audience): Promise<LoginTokens> {
    if (typeof subjectToken !== 'string' || this.#parts.tokens.check(subjectToken) === undefined)
      throw refused('invalid_grant');
    return this.#issue(audience);
  }

  async #byCode(form: ReadonlyMap<string, string>, { clientId }: CxoneClient, issuer: string): Promise<LoginTokens> {
    const code = form.get('code') ?? '';
    const given = this.#codes.get(code);
    this.#codes.delete(code);
    const isProven = given?.challenge === undefined || given.challenge === challengeOf(form.get('code_verifier') ?? '');
    if (given?.clientId !== clientId || given.redirectUri !== form.get('redirect_uri') || !isProven)
      throw refused('invalid_grant');
    return this.#issue({ clientId, issuer });
  }

  async #byToken(form: ReadonlyMap<string, string>, { clientId }: CxoneClient, issuer: string): Promise<object> {
    if (![ACCESS_TOKEN_TYPE, 'access_token'].includes(form.get('subject_token_type') ?? ''))
      throw refused('invalid_request');
    const tokens = await this.exchange(form.get('subject_token'), { clientId, issuer });
    return { ...tokens, issued_token_type: ACCESS_TOKEN_TYPE };
  }

  /** Who asks: shown with Basic, in the body, or by its id alone. Wrong credentials are refused, regardless of the grant. */
  #clientOf(headers: IncomingHttpHeaders, form: ReadonlyMap<string, string>): CxoneClient | undefined {
    const { authorization } = headers;
    const basic = authorization === undefined ? undefined : (basicPair(authorization) ?? ['', '']);
    const [id, secret] = basic ?? [form.get('client_id'), form.get('client_secret')];
    if (id === undefined) return undefined;
    // Clients send both halves unchanged or percent-encoded, and both ways are taken.
    const isMeant = (sent: string | undefined, known: string): boolean =>
      sent === known || (basic !== undefined && sent !== undefined && formDecode(sent) === known);
    const client = this.#parts.clients.find(({ clientId }) => isMeant(id, clientId));
    if (client === undefined) throw refused('invalid_client', 401);
    if (secret === undefined) return { clientId: client.clientId };
    if (client.clientSecret === undefined || !isMeant(secret, client.clientSecret))
      throw refused('invalid_client', 401);
    return client;
  }

  async #issue({ clientId, issuer }: Audience): Promise<LoginTokens> {
    const { accessToken } = this.#parts.tokens.issue(clientId, ['openid']);
    const refreshToken = randomBytes(24).toString('base64url');
    this.#refreshTokens.set(refreshToken, clientId);
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      refresh_token: refreshToken,
      expires_in: this.#parts.tokens.lifetimeSeconds,
      id_token: await this.#parts.idTokens.issue({ ...this.#parts.claims, iss: issuer, aud: clientId }),
    };
  }
}

const descriptions: Readonly<Record<string, string>> = {
  invalid_client: 'Client authentication failed',
  invalid_grant: 'The credentials, code or token are wrong or no longer valid',
  invalid_request: 'A parameter is missing or malformed',
  invalid_scope: 'Only openid is a scope',
  unsupported_grant_type: 'This grant is not supported',
  unsupported_response_type: 'Only code is supported',
};

/** @internal */
export function refused(code: string, status = 400): HttpProblem {
  return new HttpProblem(status, code, descriptions[code] ?? code, { headers: { 'cache-control': 'no-store' } });
}

/** The vendor's own client labels its form as JSON, and the real server takes it. */
function readForm(headers: IncomingHttpHeaders, bodyText: string): ReadonlyMap<string, string> {
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!['application/x-www-form-urlencoded', 'application/json'].includes(mediaType)) throw refused('invalid_request');
  return new Map([...new URLSearchParams(bodyText)].filter(([, value]) => value !== ''));
}
