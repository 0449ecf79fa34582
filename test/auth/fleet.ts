import { AuthClient, type AuthClientOptions, type KeyValueStore } from 'agent-assist-sdk';
import { unencryptedStore } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';
import { issuing, TokenServer } from './token-server.js';

const warnings = (lines: string[]) => ({
  debug: () => undefined,
  info: () => undefined,
  error: () => undefined,
  warn: (message: string, fields?: unknown) => lines.push(`${message} ${JSON.stringify(fields)}`),
});

/** Several processes of a fleet: each with its own client, all with one store, one token endpoint and one clock. */
export function fleet(
  given: KeyValueStore | ((clock: FakeClock) => KeyValueStore),
  options: Partial<AuthClientOptions> = {},
) {
  const clock = new FakeClock();
  const store = typeof given === 'function' ? given(clock) : given;
  const server = new TokenServer();
  const lines: string[] = [];
  server.onRequest = issuing(3600);
  const member = (own: Partial<AuthClientOptions> = {}): AuthClient =>
    new AuthClient({
      tokenUrl: 'https://tenant.example/oauth/token',
      clientId: 'id',
      clientSecret: 'canary-secret',
      scopes: ['a', 'b'],
      clock,
      random: () => 0.5,
      transport: server.transport,
      store: unencryptedStore(store),
      logger: warnings(lines),
      ...options,
      ...own,
    });
  return { clock, server, lines, member };
}
