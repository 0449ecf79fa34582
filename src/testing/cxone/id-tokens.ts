import type { Clock } from '../../http/clock.js';
import { LinkedMap } from '../../linked-map.js';
import { KEPT } from '../server/kept.js';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const KEY_ID = 'cxone-1';
const LIFETIME_SECONDS = 3600;

/** To make a key takes a tenth of a second, so all tenants of a process share one. */
let sharedKeys: Promise<CryptoKeyPair> | undefined;

function keys(): Promise<CryptoKeyPair> {
  sharedKeys ??= crypto.subtle.generateKey(
    { ...ALGORITHM, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  return sharedKeys;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs id tokens (RS256) and publishes the key that checks them (RFC 7517). */
export class IdTokens {
  readonly #clock: Clock;
  readonly #issued = new LinkedMap<string, true>(KEPT);

  /** @internal */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @internal */
  async jwks(): Promise<{ readonly keys: readonly object[] }> {
    const { publicKey } = await keys();
    const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
    return { keys: [{ kty, n, e, kid: KEY_ID, use: 'sig', alg: 'RS256' }] };
  }

  /** @internal Signs the claims and those of time. */
  async issue(claims: Readonly<Record<string, string>>): Promise<string> {
    const issuedAt = Math.floor(this.#clock.now() / 1000);
    const head = encode({ alg: 'RS256', typ: 'JWT', kid: KEY_ID });
    const signed = `${head}.${encode({ ...claims, iat: issuedAt, exp: issuedAt + LIFETIME_SECONDS })}`;
    const { privateKey } = await keys();
    const signature = await crypto.subtle.sign(ALGORITHM, privateKey, Buffer.from(signed));
    const token = `${signed}.${Buffer.from(signature).toString('base64url')}`;
    this.#issued.set(token, true);
    return token;
  }

  /** Returns whether the token is among the last 10,000 that this tenant issued. */
  has(token: unknown): boolean {
    return typeof token === 'string' && this.#issued.get(token) === true;
  }
}
