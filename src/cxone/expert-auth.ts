import { ConfigurationError } from '../errors.js';
import { toHex } from '../hash.js';
import type { AuthProvider, Clock } from '../http/internal.js';
import { checkedText, required } from '../options.js';

/** The key of a server token of CXone Expert (Dashboard → Integrations → API tokens). */
export interface ExpertServerKey {
  /** Key. `undefined` is refused. */
  readonly key: string | undefined;
  /** Secret; it is never sent. `undefined` is refused. */
  readonly secret: string | undefined;
  /** The user whose rights apply to the search: an id, or `=` and a name, e.g. `=api`. `undefined` is refused. */
  readonly user: string | undefined;
}

const HEADER = 'x-deki-token';
const VISIBLE = /^[\x21-\x7e]+$/;

function visible(name: string, value: string | undefined): string {
  const given = required(name, value);
  if (typeof given !== 'string' || !VISIBLE.test(given))
    throw new ConfigurationError(`${name}: expected visible ASCII characters`);
  return given;
}

/** Sends a browser key unchanged. */
export function browserKeyAuth(browserKey: string | undefined): AuthProvider {
  const key = visible('browserKey', browserKey);
  return { getToken: () => Promise.resolve(key), invalidate: () => undefined, header: (token) => [HEADER, token] };
}

/** Signs a server token for each call; it contains the time of its creation. */
export function serverKeyAuth(serverKey: ExpertServerKey, clock: Pick<Clock, 'now'>): AuthProvider {
  const key = visible('serverKey.key', serverKey.key);
  const secret = checkedText('serverKey.secret', serverKey.secret);
  const user = visible('serverKey.user', serverKey.user);
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  let imported: Promise<CryptoKey> | undefined;
  return {
    getToken: async () => {
      imported ??= crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
      const signed = `${key}_${Math.floor(clock.now() / 1000)}_${user}`;
      const signature = await crypto.subtle.sign('HMAC', await imported, encoder.encode(signed));
      return `tkn_${signed}_${toHex(new Uint8Array(signature))}`;
    },
    invalidate: () => undefined,
    header: (token) => [HEADER, token],
  };
}
