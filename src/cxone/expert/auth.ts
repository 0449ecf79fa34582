import { checkedToken } from '../../auth/credentials.js';
import { toHex } from '../../hash.js';
import type { AuthProvider, Clock } from '../../http/internal.js';
import { checkedText } from '../../options.js';
import type { ExpertServerKey } from './types.js';

const providerOf = (getToken: () => Promise<string>): AuthProvider => ({
  getToken,
  invalidate: () => undefined,
  header: (token) => ['x-deki-token', token],
});

/** Sends a browser key unchanged. */
export function browserKeyAuth(browserKey: string | undefined): AuthProvider {
  const key = checkedToken('browserKey', browserKey);
  return providerOf(() => Promise.resolve(key));
}

/** Signs a server token for each call; it contains the time of its creation. */
export function serverKeyAuth(serverKey: ExpertServerKey, clock: Pick<Clock, 'now'>): AuthProvider {
  const key = checkedToken('serverKey.key', serverKey.key);
  const secret = checkedText('serverKey.secret', serverKey.secret);
  const user = checkedToken('serverKey.user', serverKey.user);
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  let imported: Promise<CryptoKey> | undefined;
  return providerOf(async () => {
    imported ??= crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
    const signed = `${key}_${Math.floor(clock.now() / 1000)}_${user}`;
    const signature = await crypto.subtle.sign('HMAC', await imported, encoder.encode(signed));
    return `tkn_${signed}_${toHex(new Uint8Array(signature))}`;
  });
}
