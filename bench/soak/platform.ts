// The platform of a soak in a thread of its own: an embedded tenant that feeds events, breaks connections and fails some
// requests in every way that it knows.
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { startCognigy, startCxone, startTenant, type Fault, type Tenant } from 'agent-assist-sdk/testing';
import { FastClock } from './fast-clock.ts';

export interface PlatformOptions {
  readonly name: 'documents' | 'cxone' | 'cognigy';
  readonly speed: number;
  readonly interactions: number;
  /** Share of requests that fail, and of frames that are no events. All kinds of faults take turns. */
  readonly faultShare: number;
}

/** What the thread tells once it has started. */
export interface Started {
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What it tells after it fed events. */
export interface Fed {
  /** Number of the last event; they count from 1. */
  readonly last: number;
  /** Frames that are no events. */
  readonly invalid: number;
  readonly breaks: number;
  /** Requests that failed as they were told to. */
  readonly faults: number;
}

/** Feeds this many events, or says how far the service has come. */
export type Command = { readonly feed: number } | { readonly seen: number };

/** What each of the platforms has of its own. */
interface Feeder extends AsyncDisposable {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sends the event to whoever listens; returns to how many. */
  send(seq: number, interactionId: string): number;
  sendRaw(frame: string): number;
  /** Events whose fields are not of the documented types. */
  readonly outOfShape: readonly string[];
  readonly pool: {
    closeAll(code?: number, reason?: string): void;
    terminateAll(): void;
    readonly connections: readonly unknown[];
  };
  readonly injected: readonly { readonly hits: number }[];
}

type Injection = Parameters<Tenant['inject']>[0];

/** Frames on the way that the service has not reported yet. */
const WINDOW = 4000;
const BURST = 100;
const GARBAGE = ['not json', '{"type":', '[]', 'null'];

const httpFaults: readonly Fault[] = [
  ...[400, 403, 404, 408, 409, 422, 500, 502, 503, 504].map((status) => ({ kind: 'status' as const, status })),
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'status', status: 503, retryAfter: { inSeconds: 2, form: 'imf-fixdate' } },
  { kind: 'status', status: 429, retryAfter: 3600 },
  { kind: 'delay', delayMs: 30_000 },
  { kind: 'drop', at: 'before-work' },
  { kind: 'drop', at: 'before-headers' },
  { kind: 'drop', at: 'mid-body' },
  { kind: 'truncated-json' },
  { kind: 'invalid-json' },
  { kind: 'html' },
  { kind: 'empty' },
];
/** Of a token endpoint, without those that end a stream for good. */
const tokenFaults = httpFaults.filter(
  (fault) => fault.kind !== 'status' || fault.status >= 500 || fault.status === 408,
);
const TOKEN_SECONDS = 120;

const options = workerData as PlatformOptions;
const clock = new FastClock(options.speed);
const feeder = await start();
let seen = 0;
let last = 0;
let invalid = 0;
let nextInvalid = 0;
let breaks = 0;
parentPort?.on('message', (command: Command) => {
  if ('seen' in command) seen = Math.max(seen, command.seen);
  else void feed(command.feed);
});
parentPort?.postMessage({ settings: feeder.settings } satisfies Started);

async function start(): Promise<Feeder> {
  /** Faults that take turns on a route. */
  const inTurns = (
    inject: (injection: Injection) => { readonly hits: number },
    route: string,
    faults: readonly Fault[],
    share = options.faultShare,
  ): { readonly hits: number }[] =>
    faults.map((fault, index) =>
      inject({ route, fault, every: Math.round(faults.length / share), skip: Math.floor(index / share) + 3 }),
    );
  switch (options.name) {
    case 'documents': {
      const tenant = await startTenant({ clock, tokenLifetimeSeconds: TOKEN_SECONDS, maxRecordedRequests: 100 });
      const inject = (injection: Injection) => tenant.inject(injection);
      const injected = [
        ...inTurns(inject, 'POST /agentassist/suggest', [...httpFaults, { kind: 'revoked-token' }]),
        ...inTurns(inject, 'POST /oauth/token', tokenFaults, 0.2),
      ];
      return {
        settings: { platform: tenant.platform, credentials: tenant.credentials },
        injected,
        pool: tenant.stream,
        outOfShape: ['{"type":"INTERACTION_UPDATE"}', '{"type":"TRANSCRIPT_FRAGMENT","interactionId":3,"text":"x"}'],
        send: (seq, interactionId) => tenant.stream.send(documentsEvent(seq, interactionId)),
        sendRaw: (frame) => tenant.stream.sendRaw(frame),
        [Symbol.asyncDispose]: () => tenant.close(),
      };
    }
    case 'cxone': {
      const cxone = await startCxone({ clock, tokenLifetimeSeconds: TOKEN_SECONDS, maxRecordedRequests: 100 });
      const inject = (injection: Injection) => cxone.inject(injection);
      const injected = [
        ...inTurns(inject, 'GET /@api/deki/site/search', httpFaults),
        ...inTurns(inject, 'POST /auth/token', tokenFaults, 0.2),
      ];
      return {
        settings: {
          credentials: cxone.credentials,
          issuer: cxone.hosts.issuer,
          streamUrl: cxone.notificationUrl,
          expert: cxone.hosts.expert,
          browserKey: cxone.expertKeys.browserKey,
        },
        injected,
        pool: cxone.notifications,
        outOfShape: [],
        send: (seq, contactId) =>
          cxone.feed.sendTranscript({ contactId, text: `${textOf(seq)} #${seq}`, serialNumber: seq }),
        sendRaw: (frame) => cxone.notifications.sendRaw(frame),
        [Symbol.asyncDispose]: () => cxone.close(),
      };
    }
    case 'cognigy': {
      const cognigy = await startCognigy({ clock, requestLimit: false, maxRecordedRequests: 100 });
      cognigy.flow.answerWith(({ text }) => [{ text: `about ${text}`, data: { confidence: 0.9 } }]);
      const injected = inTurns((injection) => cognigy.inject(injection), 'POST /{urlToken}', httpFaults);
      return {
        settings: {
          origin: cognigy.origin,
          urlToken: cognigy.restEndpoint.urlToken,
          socketToken: cognigy.socketEndpoint.urlToken,
        },
        injected,
        pool: cognigy.sockets,
        outOfShape: [],
        send: (seq, interactionId) => {
          const output = { text: textOf(seq), data: { seq, interactionId }, source: 'bot' };
          cognigy.sockets.emit('output', { type: 'output', data: output });
          return cognigy.sockets.connections.length;
        },
        sendRaw: (frame) => cognigy.sockets.sendRaw(frame),
        [Symbol.asyncDispose]: () => cognigy.close(),
      };
    }
  }
}

function textOf(seq: number): string {
  return seq % 3 === 0 ? 'I have been waiting for my refund' : 'and nobody can tell me where it is';
}

/** The interactions take turns: four fragments, an update, the end of the turn. */
function documentsEvent(seq: number, interactionId: string): object {
  const step = Math.floor(seq / options.interactions) % 6;
  if (step === 5) return { type: 'DIALOG_STATE', seq, interactionId, state: 'TURN_END' };
  if (step === 4)
    return {
      type: 'INTERACTION_UPDATE',
      seq,
      payload: { interactionId, transcript: textOf(seq), sentimentScore: -0.6 },
    };
  const timestamp = new Date(clock.now()).toISOString();
  return { type: 'TRANSCRIPT_FRAGMENT', seq, interactionId, text: textOf(seq), speaker: 'customer', timestamp };
}

async function feed(count: number): Promise<void> {
  const end = last + count;
  const breakAt = [0.15, 0.3, 0.45, 0.6, 0.75].map((share) => last + Math.floor(share * count));
  while (last < end) {
    await connected();
    for (let burst = 0; burst < BURST && last < end; burst += 1) if (!sendNext()) break;
    if (last >= nextInvalid) sendInvalid();
    if (breakAt[0] !== undefined && last >= breakAt[0]) {
      breakAt.shift();
      await breakConnections();
    }
    await withinWindow(WINDOW);
    await sleep(0);
  }
  // What a break swallowed is never reported: one more event shows how far the service is.
  for (;;) {
    await withinWindow(0);
    if (seen >= last) break;
    await connected();
    sendNext();
  }
  const faults = feeder.injected.reduce((sum, { hits }) => sum + hits, 0);
  parentPort?.postMessage({ last, invalid, breaks, faults } satisfies Fed);
}

/** Returns whether somebody listens: after a break, subscriptions take a moment. */
function sendNext(): boolean {
  const isHeard = feeder.send(last + 1, `interaction-${(last + 1) % options.interactions}`) > 0;
  if (isHeard) last += 1;
  return isHeard;
}

function sendInvalid(): void {
  nextInvalid = last + 200;
  const frames = [...GARBAGE, ...feeder.outOfShape];
  for (let index = 0; index < options.faultShare * 200; index += 1)
    invalid += feeder.sendRaw(frames[index % frames.length] ?? '');
}

/** A broken connection, or one of the codes after which clients come back. */
async function breakConnections(): Promise<void> {
  breaks += 1;
  const code = [undefined, 1001, 1012, undefined, 1011, 1013][breaks % 6];
  // Nothing invalid may be on the way: it has no number by which its loss could be told.
  while (!sendNext()) await sleep(1);
  await withinWindow(0);
  for (let burst = 0; burst < BURST; burst += 1) sendNext();
  if (code === undefined) feeder.pool.terminateAll();
  else feeder.pool.closeAll(code, 'soak');
  await sleep(1);
}

async function connected(): Promise<void> {
  while (feeder.pool.connections.length === 0) await sleep(1);
}

/** Waits until at most `window` events are on their way, or nothing has moved for half a second. */
async function withinWindow(window: number): Promise<void> {
  let movedAt = performance.now();
  let before = seen;
  while (last - seen > window && performance.now() - movedAt < 500) {
    await sleep(1);
    if (seen !== before) movedAt = performance.now();
    before = seen;
  }
}
