import { ConfigurationError } from '../errors.js';
import {
  checkCallbacks,
  checkEncrypted,
  resolveLogger,
  systemClock,
  type AuthProvider,
  type Clock,
  type Logger,
  type Platform,
} from '../http/internal.js';
import { checkCounts, checkOptions, checkTimeLimits } from '../options.js';
import type { CloseAction } from './close-codes.js';
import type { InteractionEvent } from './events.js';
import { abilitiesOf, defaultWebSocket, type SocketAbilities, type WebSocketConstructor } from './socket.js';

/** Options of `AssistStream`. Either `platform` or `streamUrl` says where the stream is. */
export interface AssistStreamOptions {
  /** The platform whose stream is opened: the result of a preset such as `cognigy()`. */
  readonly platform?: Pick<Platform, 'streamUrl' | 'streamToken' | 'streamScope'> | undefined;
  /**
   * Where the stream is, e.g. `wss://acme.cognigy.ai/api/v1/streaming/agentassist` (protocol 1).
   *
   * @defaultValue the platform's
   */
  readonly streamUrl?: string | URL | undefined;
  /**
   * How the token travels on the upgrade (protocol 1): in the header that `auth` names, or as the query parameter
   * `access_token`. Where the WebSocket class cannot send headers, as in browsers, it is always the query.
   *
   * @defaultValue the platform's, else `'header'`
   */
  readonly streamToken?: 'header' | 'query' | undefined;
  /** Supplies a current token for each connection. */
  readonly auth: AuthProvider;
  /**
   * Sends the token over plain `ws:` to other hosts than this machine too (protocol 2).
   *
   * @defaultValue false
   */
  readonly allowInsecureRequests?: boolean | undefined;
  /** The WebSocket class. Default: `ws` under Node, elsewhere the platform's own. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** Limit of one attempt to connect in ms, the wait for its token included. Default 20,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Shortest wait before a reconnection in ms. Default 1,000. */
  readonly minReconnectDelayMs?: number | undefined;
  /** Longest wait before a reconnection in ms, whatever `Retry-After` asks for. Default 30,000. */
  readonly maxReconnectDelayMs?: number | undefined;
  /** How long a connection must have been open, in ms, for the waits to start again from the shortest. Default 10,000. */
  readonly stableAfterMs?: number | undefined;
  /** Replaces single entries of the table `closeCodes`. */
  readonly closeCodes?: Readonly<Record<number, CloseAction>> | undefined;
  /** Time between pings in ms; where pings cannot be sent, between `HEARTBEAT` frames. Default 20,000. */
  readonly pingIntervalMs?: number | undefined;
  /** How long after a ping a connection without any sign of life is given up, in ms. Default 10,000. */
  readonly pongTimeoutMs?: number | undefined;
  /** How long a silent connection is kept where pings cannot be sent, in ms. Default 60,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Largest frame in bytes that is accepted. Default 1,048,576 (1 MiB). */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Says which events are the same, by an id that it returns, e.g. for a server that sends some again after a reconnection.
   * An event whose id was among the last 10,000 is not delivered again; one for which it returns `undefined` always is.
   */
  readonly idOf?: ((event: InteractionEvent) => string | undefined) | undefined;
  /** Ends the stream for good, as `close()` does; what waits for it rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Receives log lines. Default: none are written. */
  readonly logger?: Logger | undefined;
  /** Source of time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Source of jitter: numbers from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Every option; the type keeps the list complete. */
const known: Readonly<Record<keyof AssistStreamOptions, true>> = {
  platform: true,
  streamUrl: true,
  streamToken: true,
  auth: true,
  allowInsecureRequests: true,
  WebSocket: true,
  connectTimeoutMs: true,
  minReconnectDelayMs: true,
  maxReconnectDelayMs: true,
  stableAfterMs: true,
  closeCodes: true,
  pingIntervalMs: true,
  pongTimeoutMs: true,
  idleTimeoutMs: true,
  maxFrameBytes: true,
  idOf: true,
  signal: true,
  logger: true,
  clock: true,
  random: true,
};

/** The options that are times in ms, with their defaults. */
const defaultTimes = {
  connectTimeoutMs: 20_000,
  minReconnectDelayMs: 1000,
  maxReconnectDelayMs: 30_000,
  stableAfterMs: 10_000,
  pingIntervalMs: 20_000,
  pongTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
};

type Times = Record<keyof typeof defaultTimes, number>;

/** The options with their defaults, checked. */
export interface StreamSettings
  extends Readonly<Times>, Pick<AssistStreamOptions, 'auth' | 'closeCodes' | 'idOf' | 'signal'> {
  readonly url: URL;
  /** Scope that the stream needs, as far as the platform says. */
  readonly scope: string | undefined;
  readonly streamToken: 'header' | 'query';
  readonly WebSocket: WebSocketConstructor;
  readonly abilities: SocketAbilities;
  readonly maxFrameBytes: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

const ACTIONS: readonly CloseAction[] = ['reconnect', 'refresh-token', 'terminate'];

/** @throws ConfigurationError for the first option that is unknown or makes no sense. */
export function resolveOptions(options: AssistStreamOptions): StreamSettings {
  checkOptions('AssistStream', options, known);
  const {
    auth,
    closeCodes,
    idOf,
    signal,
    platform,
    WebSocket = defaultWebSocket(),
    maxFrameBytes = 1_048_576,
  } = options;
  const { streamUrl = platform?.streamUrl, streamToken = platform?.streamToken ?? 'header' } = options;
  const { clock = systemClock, random = Math.random } = options;
  const times: Times = { ...defaultTimes };
  for (const name of Object.keys(times) as (keyof Times)[]) times[name] = options[name] ?? times[name];
  checkTimeLimits(times);
  checkCounts({ maxFrameBytes });
  if (idOf !== undefined) checkCallbacks({ idOf });
  if (times.maxReconnectDelayMs < times.minReconnectDelayMs) {
    throw new ConfigurationError('maxReconnectDelayMs: must be at least minReconnectDelayMs');
  }
  if (streamUrl === undefined) throw new ConfigurationError('streamUrl: missing; give platform or streamUrl');
  if (!['header', 'query'].includes(streamToken)) {
    throw new ConfigurationError("streamToken: expected 'header' or 'query'");
  }
  if (Object.values(closeCodes ?? {}).some((action) => !ACTIONS.includes(action))) {
    throw new ConfigurationError("closeCodes: expected 'reconnect', 'refresh-token' or 'terminate'");
  }
  if (typeof (auth as AuthProvider | undefined)?.getToken !== 'function') {
    throw new ConfigurationError('auth: expected a provider of tokens, e.g. an AuthClient');
  }
  return {
    ...times,
    url: parseStreamUrl(streamUrl, options.allowInsecureRequests),
    streamToken,
    scope: platform?.streamScope,
    auth,
    WebSocket,
    abilities: abilitiesOf(WebSocket),
    closeCodes,
    maxFrameBytes,
    idOf,
    signal,
    logger: resolveLogger(options.logger),
    clock,
    random,
  };
}

/** The URL is not quoted in the errors: one that was pasted with a token in it must not end in a log. */
function parseStreamUrl(given: string | URL, allowInsecureRequests: boolean | undefined): URL {
  if (!URL.canParse(String(given))) throw new ConfigurationError('streamUrl: expected an absolute URL');
  const url = new URL(given);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw new ConfigurationError('streamUrl: expected wss: or ws:');
  if (url.username !== '' || url.password !== '') throw new ConfigurationError('streamUrl: must hold no credentials');
  if (url.hash !== '') throw new ConfigurationError('streamUrl: must have no fragment');
  checkEncrypted('streamUrl', url, allowInsecureRequests);
  return url;
}
