#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { didYouMean } from '../options.js';
import { loadConversations } from './index.js';
import { servers, type CliServer } from './cli-servers.js';

const HELP = `agent-assist-tenant: an Agent Assist tenant on 127.0.0.1, for clients in any language

  --platform NAME       documents: this project's protocol (default)
                        cxone: a real CXone tenant, as startCxone(), with an access key as well
                        cognigy: a real Cognigy.AI installation, as startCognigy(), with an API key and URL tokens
  --port N              port; a free one by default
  --client-id ID        id of the client that may log in
  --client-secret TEXT  secret of that client
  --token-lifetime S    lifetime of access tokens, in seconds (3600)
  --heartbeat MS        interval of the heartbeats on the stream, in ms (15000); not for cxone,
                        pings of the Socket.IO endpoint for cognigy (25000)
  --play N              play N conversations on the stream, again and again with --loop;
                        on cxone, each starts when its topic {id}_transcript has a subscriber
  --loop                start again when all have been played
  --speed X             how many times faster than people speak (1)
  --data PATH           conversations: a JSON Lines file or a folder with conversations.jsonl
                        (AGENT_ASSIST_DATA, otherwise a small sample)
  --json                print the URLs and credentials as one line of JSON
  --help                print this

It runs until it is interrupted.`;

type Settings = Exclude<ReturnType<typeof readSettings>, 'help'>;

const OPTIONS = {
  platform: { type: 'string', default: 'documents' },
  port: { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'token-lifetime': { type: 'string' },
  heartbeat: { type: 'string' },
  play: { type: 'string' },
  loop: { type: 'boolean' },
  speed: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws an `Error` for the person who typed it. */
function readSettings(args: string[]) {
  for (const token of parseArgs({ args, options: OPTIONS, strict: false, tokens: true }).tokens) {
    if (token.kind !== 'option' || Object.hasOwn(OPTIONS, token.name)) continue;
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new Error(`unknown option ${token.rawName}; ${didYouMean(token.rawName, known)}`);
  }
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return 'help' as const;
  const clientId = values['client-id'];
  const clientSecret = values['client-secret'];
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw new Error('pass --client-id and --client-secret together');
  }
  const start = servers.get(values.platform);
  if (start === undefined) {
    throw new Error(`--platform: expected ${[...servers.keys()].join(' or ')}, got ${JSON.stringify(values.platform)}`);
  }
  if (values.platform === 'cxone' && values.heartbeat !== undefined) {
    throw new Error('--heartbeat: on cxone the client sends the heartbeats');
  }
  if (values.platform === 'cognigy' && values.play !== undefined) {
    throw new Error('--play: no stream of Cognigy.AI carries transcripts');
  }
  for (const name of ['loop', 'speed', 'data'] as const) {
    if (values.play === undefined && values[name] !== undefined)
      throw new Error(`--${name}: has an effect only with --play`);
  }
  return {
    start,
    server: {
      port: numberOf('--port', values.port, 'a whole number from 0 to 65535', isPort),
      tokenLifetimeSeconds: numberOf(
        '--token-lifetime',
        values['token-lifetime'],
        'a number of at least 1',
        isAtLeast1,
      ),
      heartbeatIntervalMs: numberOf('--heartbeat', values.heartbeat, 'a number of at least 1', isAtLeast1),
      clients: clientId === undefined || clientSecret === undefined ? undefined : [{ clientId, clientSecret }],
    },
    conversations: numberOf('--play', values.play, 'a whole number of at least 0', isCount) ?? 0,
    loop: values.loop === true,
    speed: numberOf('--speed', values.speed, 'a number above 0', (speed) => speed > 0) ?? 1,
    data: values.data,
    json: values.json,
  };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isPort = (value: number): boolean => isCount(value) && value <= 65_535;
const isAtLeast1 = (value: number): boolean => value >= 1;

function numberOf(
  option: string,
  text: string | undefined,
  expected: string,
  isValid: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== '' && isValid(number)) return number;
  throw new Error(`${option}: expected ${expected}, got ${JSON.stringify(text)}`);
}

function announce({ facts }: CliServer, json: boolean): void {
  if (json) console.log(JSON.stringify(facts));
  else for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(16)}${value}`);
}

async function playAll(server: CliServer, settings: Settings, signal: AbortSignal): Promise<void> {
  const { conversations } = await loadConversations({ from: settings.data, maxItems: settings.conversations });
  for (let round = 1; ; round += 1) {
    for (const conversation of conversations) {
      const id = round === 1 ? conversation.id : `${conversation.id}-${round}`;
      if (!settings.json) console.log(`playing ${id}`);
      // Clients that want to hear the conversations connect after the URLs were printed.
      await server.play?.(conversation, { id, speed: settings.speed, signal });
    }
    if (!settings.loop) break;
  }
  if (!settings.json) console.log(`played ${conversations.length} conversations`);
}

async function run(settings: Settings): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  await using server = await settings.start(settings.server);
  announce(server, settings.json);
  const end = new Promise<void>((resolve) => {
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (settings.conversations > 0) {
    await playAll(server, settings, interrupted.signal).catch((error: unknown) => {
      if (!interrupted.signal.aborted) throw error;
    });
  }
  if (!interrupted.signal.aborted) await end;
}

function fail(error: unknown, hint = ''): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`agent-assist-tenant: ${message}${hint}`);
  process.exitCode = 2;
}

let settings: Settings | 'help' | undefined;
try {
  settings = readSettings(process.argv.slice(2));
} catch (error) {
  fail(error, '\nagent-assist-tenant --help lists all options');
}
if (settings === 'help') console.log(HELP);
else if (settings !== undefined) await run(settings).catch((error: unknown) => fail(error));
