import { AuthClient, type AuthClientOptions, type Logger } from 'agent-assist-sdk';
import { FakeClock } from '../helpers/fake-clock.js';
import { TokenServer } from './token-server.js';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

function recordingLogger(lines: Line[]): Logger {
  const record = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    lines.push({ level, message, fields });
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') };
}

export function setUp(options: Partial<AuthClientOptions> = {}) {
  const clock = new FakeClock();
  const server = new TokenServer();
  const lines: Line[] = [];
  const auth = new AuthClient({
    tokenUrl: 'https://tenant.example/oauth/token',
    clientId: 'id',
    clientSecret: 'canary-secret',
    clock,
    random: () => 0.5,
    transport: server.transport,
    logger: recordingLogger(lines),
    ...options,
  });
  return { auth, clock, server, lines };
}
