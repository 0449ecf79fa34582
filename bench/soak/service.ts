// A service under a soak, and the account it gives of every event.
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import {
  AssistEngine,
  AssistStream,
  AuthClient,
  HttpClient,
  SuggestionsClient,
  handleInOrder,
  type Platform,
} from 'agent-assist-sdk';
import { FlowClient, cognigyAi, flowProtocol, flowSuggestions } from 'agent-assist-sdk/cognigy';
import { ExpertClient, connectCxone, notificationProtocol, transcriptTopic } from 'agent-assist-sdk/cxone';
import type { EventIteration, InteractionEvent } from 'agent-assist-sdk/stream';
import { suggestionPolicy } from 'agent-assist-sdk/suggestions';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { FastClock } from './fast-clock.ts';
import type { Command, Fed, PlatformOptions, Started } from './platform.ts';

export interface SoakOptions extends PlatformOptions {
  readonly events: number;
  /** How long the run takes at least, in ms of the clock that runs faster. */
  readonly durationMs: number;
}

/** The account of a run; each count is of events or frames. */
export interface Account {
  readonly sent: number;
  readonly handled: number;
  /** Handled events whose handler failed. */
  readonly failed: number;
  /** Lost when a connection broke, and reported by a gap. */
  readonly lostInGaps: number;
  readonly gaps: number;
  /** Missing without a report. */
  readonly unexplained: number;
  readonly dropped: number;
  readonly invalidSent: number;
  readonly invalidReported: number;
  readonly breaks: number;
  readonly connections: number;
  readonly faults: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly fragmentsIn: number;
  readonly fragmentsOut: number;
  /** Heap in bytes after a full collection, without compiled code, at each tenth. */
  readonly heaps: readonly number[];
  /** Timers of the clock that are pending after everything was closed. */
  readonly pendingTimers: number;
  /** Open handles of the process that were not there before, by kind. */
  readonly leftHandles: readonly string[];
  /** Listeners that are left on the stream's signal. */
  readonly warnings: readonly string[];
  readonly hours: number;
}

interface Item {
  readonly type: string;
}

/** What a service is on one of the platforms. */
interface Site {
  readonly stream: {
    connect(options: { readonly totalTimeoutMs: number }): Promise<void>;
    close(): Promise<void>;
    readonly on: (name: 'invalid' | 'open', listener: () => void) => unknown;
  };
  readonly events: EventIteration<Item>;
  /** Number of an event; `undefined` for a gap. */
  numberOf(item: Item): number | undefined;
  keyOf(item: Item): string;
  /** Returns what became of it. */
  readonly handle: (item: Item) => string | undefined | Promise<string | undefined>;
  close(): Promise<void>;
}

interface Tools {
  readonly clock: FastClock;
  readonly transport: NodeTransport;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly interactions: number;
  readonly buffer: TranscriptBuffer;
  readonly countFragment: () => void;
}

/** How many events the iteration buffers; it pauses the socket when it is full. */
const CAPACITY = 5000;

export async function soak(options: SoakOptions): Promise<Account> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', onWarning);
  const handlesBefore = process.getActiveResourcesInfo();

  const worker = new Worker(new URL('platform.ts', import.meta.url), { workerData: options });
  const failure = new Promise<never>((_, reject) => worker.once('error', reject));
  failure.catch(() => undefined);
  const told = async (): Promise<unknown> =>
    Promise.race([new Promise((resolve) => worker.once('message', resolve)), failure]);
  const tell = (command: Command): void => worker.postMessage(command);
  const { settings } = (await told()) as Started;

  const clock = new FastClock(options.speed);
  const transport = new NodeTransport();
  let fragmentsIn = 0;
  let fragmentsOut = 0;
  const buffer = new TranscriptBuffer({
    clock,
    maxInteractions: 2 * options.interactions,
    onFlush: ({ fragments }) => (fragmentsOut += fragments.length),
    onError: onWarning as (error: unknown) => void,
  });
  const site = await sites[options.name]({
    clock,
    transport,
    settings,
    interactions: options.interactions,
    buffer,
    countFragment: () => (fragmentsIn += 1),
  });
  let invalidReported = 0;
  let connections = 0;
  site.stream.on('invalid', () => (invalidReported += 1));
  site.stream.on('open', () => (connections += 1));
  await site.stream.connect({ totalTimeoutMs: 600_000 });

  let seen = 0;
  let lostInGaps = 0;
  let unexplained = 0;
  let gaps = 0;
  let handled = 0;
  let failed = 0;
  const outcomes: Record<string, number> = {};
  const heaps: number[] = [];
  /** The events with their numbers compared. */
  const checked = async function* (): AsyncGenerator<Item> {
    let isInGap = false;
    for await (const item of site.events) {
      const number = site.numberOf(item);
      if (number === undefined) {
        if (item.type === 'GAP') gaps += 1;
        isInGap ||= item.type === 'GAP';
        continue;
      }
      const missing = number - seen - 1;
      if (isInGap) lostInGaps += missing;
      else unexplained += Math.abs(missing);
      isInGap = false;
      seen = number;
      if (seen % 100 === 0) tell({ seen });
      yield item;
    }
  };
  const reporting = setInterval(() => tell({ seen }), 20);
  const running = handleInOrder(
    checked(),
    async (item) => {
      const outcome = await site.handle(item);
      if (outcome !== undefined) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      handled += 1;
    },
    {
      keyOf: (item) => site.keyOf(item),
      concurrency: 64,
      clock,
      onError: (error) => {
        failed += 1;
        const name = error instanceof Error ? error.name : 'unknown';
        outcomes[name] = (outcomes[name] ?? 0) + 1;
      },
    },
  );
  running.catch(() => undefined);

  let fed: Fed = { last: 0, invalid: 0, breaks: 0, faults: 0 };
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    tell({ feed: Math.ceil(options.events / 10) });
    fed = (await Promise.race([told(), running.then(() => failure)])) as Fed;
    while (handled + failed + lostInGaps < fed.last || clock.monotonic() < (options.durationMs * tenth) / 10)
      await new Promise((resolve) => setTimeout(resolve, 20));
    // Text that is held for its pause is no growth.
    while (buffer.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
    heaps.push(heapOfData());
  }
  const hours = clock.monotonic() / 3_600_000;
  clearInterval(reporting);
  const { dropped } = site.events;
  await site.stream.close();
  await running;
  await buffer.close();
  await site.close();
  await transport.close();
  const pendingTimers = clock.pendingTimers;
  await worker.terminate();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const left = process.getActiveResourcesInfo();
  for (const kind of handlesBefore) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
  process.off('warning', onWarning);
  return {
    sent: fed.last,
    handled,
    failed,
    lostInGaps,
    gaps,
    unexplained,
    dropped,
    invalidSent: fed.invalid,
    invalidReported,
    breaks: fed.breaks,
    connections,
    faults: fed.faults,
    outcomes,
    fragmentsIn,
    fragmentsOut,
    heaps,
    pendingTimers,
    leftHandles: left,
    warnings,
    hours,
  };
}

/** Node compiles what runs often, and drops what has not run for a while, at times of its own. */
function heapOfData(): number {
  const code = getHeapCodeStatistics();
  return process.memoryUsage().heapUsed - code.code_and_metadata_size - code.bytecode_and_metadata_size;
}

/** The limits are wide, since the clock runs faster than the machine. */
const reconnect = { minReconnectDelayMs: 200, maxReconnectDelayMs: 2000, connectTimeoutMs: 120_000 };

const sites: Readonly<Record<PlatformOptions['name'], (tools: Tools) => Site | Promise<Site>>> = {
  documents({ clock, transport, settings, buffer, countFragment }) {
    const platform = settings['platform'] as Platform;
    const credentials = settings['credentials'] as { readonly clientId: string; readonly clientSecret: string };
    const shared = { platform, clock };
    const auth = new AuthClient({ ...shared, ...credentials, transport: transport.send });
    // Tokens of calls are revoked several times a second; twice in a row ends a stream for good.
    const streamAuth = new AuthClient({ ...shared, ...credentials, transport: transport.send });
    const http = new HttpClient({ ...shared, auth, transport: transport.send });
    const engine = new AssistEngine({ client: new SuggestionsClient(http), clock, pauseMs: 0, cacheTtlMs: 60_000 });
    const stream = new AssistStream({ ...shared, auth: streamAuth, ...reconnect });
    return {
      stream,
      events: stream.events({ capacity: CAPACITY }),
      numberOf: (item) => (item as { readonly seq?: number }).seq,
      keyOf: (item) => {
        const { interactionId, payload } = item as { interactionId?: string; payload?: { interactionId: string } };
        return interactionId ?? payload?.interactionId ?? '';
      },
      handle: async (item) => {
        const event = item as InteractionEvent;
        if (event.type === 'INTERACTION_UPDATE') return (await engine.handle(event.payload)).status;
        if (event.type === 'DIALOG_STATE') buffer.state(event);
        else if (event.type === 'TRANSCRIPT_FRAGMENT') {
          countFragment();
          buffer.add(event);
        }
        return undefined;
      },
      close: async () => {
        await auth.close();
        await streamAuth.close();
      },
    };
  },
  async cxone({ clock, transport, settings, interactions, buffer, countFragment }) {
    const credentials = settings['credentials'] as Parameters<typeof connectCxone>[0];
    const issuer = settings['issuer'] as string;
    const { auth, ...found } = await connectCxone({ ...credentials, issuer, clock, transport: transport.send });
    const platform = { ...found.platform, streamUrl: settings['streamUrl'] as string };
    const expert = new ExpertClient({
      site: settings['expert'] as string,
      browserKey: settings['browserKey'] as string,
      clock,
      transport: transport.send,
    });
    const stream = new AssistStream({ platform, auth, protocol: notificationProtocol(), clock, ...reconnect });
    for (let index = 0; index < interactions; index += 1) stream.subscribe(transcriptTopic(`interaction-${index}`));
    return {
      stream,
      events: stream.events({ capacity: CAPACITY }),
      numberOf: (item) => {
        const number = / #(\d+)$/.exec((item as { readonly text?: string }).text ?? '')?.[1];
        return number === undefined ? undefined : Number(number);
      },
      keyOf: (item) => (item as unknown as { readonly interactionId: string }).interactionId,
      handle: async (item) => {
        const fragment = item as unknown as Parameters<TranscriptBuffer['add']>[0];
        countFragment();
        buffer.add(fragment);
        if (!fragment.text.endsWith('0')) return undefined;
        const { articles } = await expert.search({ q: fragment.text, pageSize: 2 });
        return articles.length > 0 ? 'found' : 'nothing found';
      },
      close: () => auth.close(),
    };
  },
  cognigy({ clock, transport, settings }) {
    const origin = settings['origin'] as string;
    const platform = cognigyAi({ baseUrl: origin, endpointHost: origin });
    const client = flowSuggestions(
      new FlowClient({ platform, urlToken: settings['urlToken'] as string, clock, transport: transport.send }),
    );
    const engine = new AssistEngine({
      client,
      clock,
      pauseMs: 0,
      cacheTtlMs: 60_000,
      policy: suggestionPolicy({ missingConfidence: 'approve' }),
    });
    const stream = new AssistStream({
      streamUrl: origin,
      protocol: flowProtocol({
        urlToken: settings['socketToken'] as string,
        userId: 'agent-1',
        sessionId: 'session-1',
      }),
      clock,
      ...reconnect,
    });
    const dataOf = (item: Item): { readonly seq?: number; readonly interactionId?: string } =>
      (item as { readonly data?: object }).data ?? {};
    return {
      stream,
      events: stream.events({ capacity: CAPACITY }),
      numberOf: (item) => dataOf(item).seq,
      keyOf: (item) => dataOf(item).interactionId ?? '',
      handle: async (item) => {
        const { interactionId = '' } = dataOf(item);
        const { text = '' } = item as { readonly text?: string };
        return (await engine.handle({ interactionId, transcript: text })).status;
      },
      close: () => Promise.resolve(),
    };
  },
};
