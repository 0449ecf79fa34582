import { socketSource } from '#web-socket';
import { ConfigurationError, NotSupportedError } from '../errors.js';
import {
  checkEncrypted,
  checkedStreamUrl,
  redact,
  resolveInstrumentation,
  resolveLogger,
  systemClock,
  type AuthProvider,
  type Clock,
  type HttpClientOptions,
  type Instrumentation,
  type Instruments,
  type Logger,
  type Platform,
} from '../http/internal.js';
import { checkCounts, checkKind, checkOptions, checkTimeLimits, signalKind, type Known } from '../options.js';
import { agentAssistProtocol } from './agent-assist-protocol.js';
import type { CloseAction } from './connection/close-codes.js';
import type { InteractionEvents } from './events.js';
import type { StreamProtocol } from './protocol.js';
import type { SocketAbilities, SocketSource, WebSocketConstructor } from './connection/socket.js';

/** Options of `AssistStream`. Either `platform` or `streamUrl` is required. */
export interface AssistStreamOptions<Events extends object = InteractionEvents, Message = never> extends Pick<
  HttpClientOptions,
  'logger' | 'clock' | 'random'
> {
  /** A platform preset, e.g. `cognigy({ tenant: 'acme' })`. */
  readonly platform?: Pick<Platform, 'streamUrl' | 'streamToken' | 'streamScope' | 'name' | 'unsupported'> | undefined;
  /**
   * URL of the stream, e.g. `wss://acme.cognigy.ai/api/v1/streaming/agentassist` (protocol 1).
   *
   * @defaultValue the platform's
   */
  readonly streamUrl?: string | URL | undefined;
  /** Protocol of the socket. @defaultValue `agentAssistProtocol` (protocol 5) */
  readonly protocol?: StreamProtocol<Events, Message> | undefined;
  /**
   * Where the token of the upgrade is sent (protocol 1): in the header of `auth`, or as the query parameter
   * `access_token`. A WebSocket class that cannot send headers, as in browsers, always uses the query.
   *
   * @defaultValue the platform's, else `'header'`
   */
  readonly streamToken?: 'header' | 'query' | undefined;
  /** Provides the token of each connection. */
  readonly auth: AuthProvider;
  /** Allows sending the token over plain `ws:` to other machines (protocol 2). @defaultValue false */
  readonly allowInsecureRequests?: boolean | undefined;
  /** The WebSocket class. @defaultValue `ws` under Node, elsewhere the global `WebSocket` */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** Time limit of one attempt to connect in ms, including its token. @defaultValue 20,000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Shortest delay before a reconnection in ms. @defaultValue 1,000 */
  readonly minReconnectDelayMs?: number | undefined;
  /** Longest delay before a reconnection in ms, even if `Retry-After` asks for more. @defaultValue 30,000 */
  readonly maxReconnectDelayMs?: number | undefined;
  /** How long a connection must stay open to reset the backoff, in ms. @defaultValue 10,000 */
  readonly stableAfterMs?: number | undefined;
  /** Replaces individual entries of the table of close codes. @defaultValue the protocol's, else the table of protocol 5 */
  readonly closeCodes?: Readonly<Record<number, CloseAction>> | undefined;
  /** Interval in ms between pings, or between `HEARTBEAT` frames in runtimes that cannot ping. @defaultValue 20,000 */
  readonly pingIntervalMs?: number | undefined;
  /** How long to wait for a response to a ping before the connection counts as dead, in ms. @defaultValue 10,000 */
  readonly pongTimeoutMs?: number | undefined;
  /** How long a silent connection is kept in runtimes that cannot ping, in ms. @defaultValue 60,000 */
  readonly idleTimeoutMs?: number | undefined;
  /** Largest accepted frame in bytes. @defaultValue 1,048,576 (1 MiB) */
  readonly maxFrameBytes?: number | undefined;
  /**
   * Returns the id of an event, for a server that resends events after a reconnection. The stream drops an event whose id
   * is among the last 10,000. It delivers every event without an id.
   */
  readonly idOf?: ((event: Events[keyof Events]) => string | undefined) | undefined;
  /** Closes the stream; pending calls reject with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Observes states, events, drops and reconnections, e.g. with `openTelemetry()`. @defaultValue none */
  readonly instrumentation?: Instrumentation | undefined;
}

/** Options of an `AssistStream` whose protocol uses no token. */
export interface TokenlessStreamOptions<Events extends object, Message = never> extends Omit<
  AssistStreamOptions<Events, Message>,
  'auth' | 'protocol'
> {
  /** Not used. */
  readonly auth?: undefined;
  /** Protocol of the socket. */
  readonly protocol: StreamProtocol<Events, Message> & { readonly token: 'none' };
}

/** Options of `AssistStream.connect`. */
export interface ConnectOptions {
  /** Time limit for the first connection over all attempts, in ms. @defaultValue 30,000 */
  readonly totalTimeoutMs?: number | undefined;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
}

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

/** Every option; the type keeps the list complete. */
const known: Known<AssistStreamOptions> = {
  ...defaultTimes,
  platform: 'an object',
  streamUrl: true,
  protocol: 'a protocol with open()',
  streamToken: true,
  auth: 'a provider of tokens with getToken()',
  allowInsecureRequests: 'a boolean',
  WebSocket: 'a function',
  closeCodes: 'an object',
  maxFrameBytes: true,
  idOf: 'a function',
  signal: signalKind,
  instrumentation: 'an object',
  logger: true,
  clock: 'a clock with monotonic()',
  random: 'a function',
};

/** A protocol whose events and messages are only known to the caller. */
type AnyProtocol = StreamProtocol<Record<string, object>, unknown>;

/** The options with their defaults, checked. */
export interface StreamSettings extends Readonly<typeof defaultTimes>, Pick<AssistStreamOptions, 'signal'> {
  readonly url: URL;
  /** Host and path, for errors: the query may hold the token. */
  readonly name: string;
  readonly protocol: AnyProtocol;
  /** Secrets of the protocol. */
  readonly secrets: readonly string[];
  readonly auth: AuthProvider | undefined;
  readonly idOf: ((event: object) => string | undefined) | undefined;
  /** Scopes that the stream needs, as far as the platform or the protocol says. */
  readonly scopes: string | undefined;
  readonly streamToken: 'header' | 'query';
  readonly loadSocket: SocketSource['load'];
  readonly abilities: SocketAbilities;
  /** Those that differ from the table. */
  readonly closeCodes: Readonly<Record<number, CloseAction>>;
  readonly maxFrameBytes: number;
  readonly instruments: Instruments | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws ConfigurationError for the first option that is unknown or invalid. */
export function resolveOptions<Events extends object, Message>(
  options: AssistStreamOptions<Events, Message> | TokenlessStreamOptions<Events, Message>,
): StreamSettings {
  checkOptions<Partial<Record<keyof AssistStreamOptions, unknown>>>('AssistStream', options, known);
  const { idOf, signal, platform, maxFrameBytes = 1_048_576 } = options;
  const { abilities, load } = socketSource(options.WebSocket);
  // The stream only passes events and messages on; the caller's types say what they are.
  const protocol = (options.protocol ?? agentAssistProtocol) as unknown as AnyProtocol;
  if (!['upgrade', 'protocol', 'none'].includes(protocol.token)) {
    throw new ConfigurationError("protocol.token: expected 'upgrade', 'protocol' or 'none'");
  }
  const auth = protocol.token === 'none' ? undefined : options.auth;
  const { streamUrl = platform?.streamUrl, streamToken = platform?.streamToken ?? 'header' } = options;
  const { clock = systemClock, random = Math.random } = options;
  const times = { ...defaultTimes };
  for (const name of Object.keys(times) as (keyof typeof times)[]) times[name] = options[name] ?? times[name];
  checkTimeLimits(times);
  checkCounts({ maxFrameBytes });
  if (times.maxReconnectDelayMs < times.minReconnectDelayMs) {
    throw new ConfigurationError('maxReconnectDelayMs: must be at least minReconnectDelayMs');
  }
  const isUsual = options.protocol === undefined && options.streamUrl === undefined;
  const instead = isUsual ? platform?.unsupported?.stream : undefined;
  if (instead !== undefined) throw new NotSupportedError(platform?.name ?? 'The platform', 'stream', instead);
  if (streamUrl === undefined) throw new ConfigurationError('streamUrl: missing; pass platform or streamUrl');
  if (!['header', 'query'].includes(streamToken)) {
    throw new ConfigurationError("streamToken: expected 'header' or 'query'");
  }
  const closeCodes = { ...protocol.closeCodes, ...options.closeCodes };
  if (Object.values(closeCodes).some((action) => !['reconnect', 'refresh-token', 'terminate'].includes(action))) {
    throw new ConfigurationError("closeCodes: expected 'reconnect', 'refresh-token' or 'terminate'");
  }
  if (protocol.token !== 'none') checkKind('auth', auth, 'a provider of tokens with getToken()');
  const logger = resolveLogger(options.logger);
  const url = new URL(checkedStreamUrl(streamUrl, 'streamUrl'));
  checkEncrypted('streamUrl', url, options.allowInsecureRequests);
  const secrets = protocol.secrets?.() ?? [];
  checkKind('protocol.secrets()', secrets, 'a list of strings');
  return {
    ...times,
    url,
    name: redact(url.host + url.pathname, secrets),
    protocol,
    secrets,
    streamToken,
    scopes: platform?.streamScope ?? protocol.scopes,
    auth,
    loadSocket: load,
    abilities,
    closeCodes,
    maxFrameBytes,
    idOf: idOf as StreamSettings['idOf'],
    signal,
    instruments: resolveInstrumentation(options.instrumentation, logger, clock),
    logger,
    clock,
    random,
  };
}
