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

/** Options of `AssistStream`. Either `platform` or `streamUrl` is required. */
export interface AssistStreamOptions {
  /** A platform preset, e.g. `cognigy({ tenant: 'acme' })`. */
  readonly platform?: Pick<Platform, 'streamUrl' | 'streamToken' | 'streamScope'> | undefined;
  /**
   * URL of the stream, e.g. `wss://acme.cognigy.ai/api/v1/streaming/agentassist` (protocol 1).
   *
   * @defaultValue the platform's
   */
  readonly streamUrl?: string | URL | undefined;
  /**
   * Where the token is sent on the upgrade (protocol 1): in the header of `auth`, or as the query parameter
   * `access_token`. A WebSocket class that cannot send headers, as in browsers, always uses the query.
   *
   * @defaultValue the platform's, else `'header'`
   */
  readonly streamToken?: 'header' | 'query' | undefined;
  /** Provides the token of each connection. */
  readonly auth: AuthProvider;
  /**
   * Allows sending the token over plain `ws:` to other machines (protocol 2).
   *
   * @defaultValue false
   */
  readonly allowInsecureRequests?: boolean | undefined;
  /**
   * The WebSocket class.
   *
   * @defaultValue `ws` under Node, elsewhere the global `WebSocket`
   */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /**
   * Time limit of one attempt to connect in ms, including its token.
   *
   * @defaultValue 20,000
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Shortest delay before a reconnection in ms.
   *
   * @defaultValue 1,000
   */
  readonly minReconnectDelayMs?: number | undefined;
  /**
   * Longest delay before a reconnection in ms, even if `Retry-After` asks for more.
   *
   * @defaultValue 30,000
   */
  readonly maxReconnectDelayMs?: number | undefined;
  /**
   * How long a connection must stay open to reset the backoff, in ms.
   *
   * @defaultValue 10,000
   */
  readonly stableAfterMs?: number | undefined;
  /** Replaces single entries of the table of close codes (protocol 5). */
  readonly closeCodes?: Readonly<Record<number, CloseAction>> | undefined;
  /**
   * Interval in ms between pings, or between `HEARTBEAT` frames in runtimes that cannot ping.
   *
   * @defaultValue 20,000
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * How long to wait for an answer to a ping before the connection counts as dead, in ms.
   *
   * @defaultValue 10,000
   */
  readonly pongTimeoutMs?: number | undefined;
  /**
   * How long a silent connection is kept in runtimes that cannot ping, in ms.
   *
   * @defaultValue 60,000
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Largest accepted frame in bytes.
   *
   * @defaultValue 1,048,576 (1 MiB)
   */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Returns an id by which duplicates are recognized, for a server that resends events after a reconnection. An event
   * whose id is among the last 10,000 is not delivered again; an event without an id always is.
   */
  readonly idOf?: ((event: InteractionEvent) => string | undefined) | undefined;
  /** Closes the stream; pending calls reject with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Receives log messages. Without it nothing is logged. */
  readonly logger?: Logger | undefined;
  /**
   * Source of time.
   *
   * @defaultValue the system's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Source of jitter: numbers from 0 to below 1.
   *
   * @defaultValue `Math.random`
   */
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

/** Errors do not quote the URL: it may contain a token, which must not end up in a log. */
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
