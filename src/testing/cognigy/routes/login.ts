import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { LinkedMap } from '../../../linked-map.js';
import type { ServerParts } from '../../server/http-listener.js';
import type { TenantClient } from '../../server/oauth.js';
import { KEPT } from '../../server/kept.js';
import { ok, type RouteAnswer, type RouteContext, type Router } from '../../server/router.js';
import { challengeOf, NOT_STORED, readTokenForm, TokenProblem } from '../../server/token-endpoint.js';
import { ADMIN, USER } from '../server/authorization.js';
import { checkFields } from '../../../options.js';

const DAY_MS = 86_400_000;

/** The authorization request of an application that sent its user to the login page. */
export interface CognigyAuthorization {
  /** Where the code is sent. */
  readonly redirectUri: string;
  /** SHA-256 of the verifier in base64url (PKCE); without it, no verifier is checked. */
  readonly codeChallenge?: string | undefined;
}

interface RefreshToken {
  readonly clientId: string;
  readonly expiresAt: number;
}

interface Known extends Pick<ServerParts, 'clock' | 'tokens'> {
  readonly clients: readonly TenantClient[];
}

/** The token endpoint: client credentials, passwords, authorization codes and refresh tokens. */
export class CognigyLogin {
  readonly #known: Known;
  readonly #refreshTokens = new LinkedMap<string, RefreshToken>(KEPT);
  readonly #codes = new LinkedMap<string, CognigyAuthorization>(KEPT);

  /** @internal */
  constructor(router: Router, known: Known) {
    this.#known = known;
    const scope = 'public';
    const tokenBody = z.strictObject({ token: z.string() });
    router.on('POST /auth/oauth2/token', { scope }, (context) => this.#answer(context));
    router.on('POST /auth/oauth2/revoke', { scope, body: tokenBody, invalidBodyStatus: 400 }, ({ body }) => {
      known.tokens.revoke(body.token);
      this.#refreshTokens.delete(body.token);
      return ok({});
    });
    // The token of the realtime socket.
    router.on('POST /auth/realtimetoken', { scope: 'user' }, () =>
      ok({ token: randomBytes(16).toString('base64url') }),
    );
  }

  /** Lets the user consent on the login page; returns the code for the application. */
  authorize(authorization: CognigyAuthorization): string {
    checkFields('authorization', authorization, { redirectUri: 'a string' });
    const code = randomBytes(16).toString('base64url');
    this.#codes.set(code, authorization);
    return code;
  }

  #answer({ headers, bodyText }: RouteContext): RouteAnswer {
    const form = readTokenForm(headers, bodyText);
    const client = this.#known.clients.find(({ clientId }) => clientId === form.get('client_id'));
    if (client === undefined || client.clientSecret !== form.get('client_secret')) {
      throw new TokenProblem('invalid_client', 'client authentication failed', 401);
    }
    switch (form.get('grant_type')) {
      case 'client_credentials':
        return this.#issue(client.clientId);
      case 'password':
        return this.#forPassword(client, form);
      case 'authorization_code':
        return this.#forCode(client, form);
      case 'refresh_token':
        return this.#forRefreshToken(client, form);
      case undefined:
        throw new TokenProblem('invalid_request', 'grant_type is missing');
      default:
        throw new TokenProblem('unsupported_grant_type', 'this grant is not supported');
    }
  }

  #forPassword(client: TenantClient, form: ReadonlyMap<string, string>): RouteAnswer {
    if (form.get('username') !== USER.username || form.get('password') !== USER.password) {
      throw new TokenProblem('invalid_grant', 'username or password is wrong');
    }
    const isRemembered = form.get('rememberMe') === 'true';
    return this.#issue(client.clientId, isRemembered ? 30 * DAY_MS : DAY_MS);
  }

  #forCode(client: TenantClient, form: ReadonlyMap<string, string>): RouteAnswer {
    const code = form.get('code') ?? '';
    const asked = this.#codes.get(code);
    this.#codes.delete(code);
    const isProven =
      asked?.codeChallenge === undefined || asked.codeChallenge === challengeOf(form.get('code_verifier') ?? '');
    if (asked?.redirectUri !== form.get('redirect_uri') || !isProven)
      throw new TokenProblem('invalid_grant', 'the code is wrong');
    return this.#issue(client.clientId, DAY_MS);
  }

  #forRefreshToken(client: TenantClient, form: ReadonlyMap<string, string>): RouteAnswer {
    const known = this.#refreshTokens.get(form.get('refresh_token') ?? '');
    if (known?.clientId !== client.clientId || known.expiresAt <= this.#known.clock.now()) {
      throw new TokenProblem('invalid_grant', 'the refresh token is unknown or has expired');
    }
    return this.#issue(client.clientId, known.expiresAt - this.#known.clock.now());
  }

  #issue(clientId: string, refreshLifetimeMs?: number): RouteAnswer {
    const { tokens, clock } = this.#known;
    const { accessToken } = tokens.issue(clientId, ADMIN);
    const json = { access_token: accessToken, token_type: 'Bearer', expires_in: tokens.lifetimeSeconds };
    if (refreshLifetimeMs === undefined) return { status: 200, json, headers: NOT_STORED };
    const refreshToken = randomBytes(24).toString('base64url');
    this.#refreshTokens.set(refreshToken, { clientId, expiresAt: clock.now() + refreshLifetimeMs });
    return { status: 200, json: { ...json, refresh_token: refreshToken }, headers: NOT_STORED };
  }
}
