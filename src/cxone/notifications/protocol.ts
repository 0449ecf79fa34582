import { ConfigurationError } from '../../errors.js';
import { redact, rememberToken, withoutSecrets } from '../../http/internal.js';
import { isRecord, readJson } from '../../json.js';
import { checkOptions, checkTimeLimits } from '../../options.js';
import type { ProtocolLink, ProtocolSession, StreamProtocol } from '../../stream/index.js';
import { decodeCcai, decodeCopilot } from './decode-cards.js';
import { decodeGuidance, decodeHealth, decodeSummary } from './decode-guidance.js';
import { decodeTranscript } from './decode-transcript.js';
import type { NotificationEvents, NotificationProtocolOptions } from './types.js';
import { fields, id, number, text, type Decoding, type Fields } from '../fields.js';
import { checkedId } from './topics.js';

const MAX_MISSED = 3;

/** What both sockets have in common. */
const shared: Pick<StreamProtocol<NotificationEvents>, 'events' | 'checkTopic' | 'closeCodes'> & {
  readonly token: 'protocol';
} = {
  events: {
    INTERACTION_UPDATE: true,
    TRANSCRIPT_FRAGMENT: true,
    ASSIST_CARD: true,
    GUIDANCE_ALERT: true,
    CONTACT_SUMMARY: true,
    COPILOT_HEALTH: true,
    SERVER_ERROR: true,
  },
  token: 'protocol',
  // CXone publishes no codes, and its own client reconnects after any. This one may be that of an expired token.
  closeCodes: { 1008: 'refresh-token' },
  checkTopic: (topic) => void checkedId('topic', topic),
};

/**
 * CXone's agent-assist notification socket as the protocol of an `AssistStream`: live transcripts, the cards of Agent
 * Copilot and of Google's Agent Assist, the scores and alerts of real-time guidance, and summaries. Topics select what
 * is sent. They can change while the stream is open; a later connection subscribes to all of them again.
 *
 * The token is sent in frames, never in the URL. If an `ERROR` of the server refuses it (401, 403), it is dropped, and
 * the stream reconnects with another, but only once if no token was ever accepted. Any other `ERROR` is a
 * `SERVER_ERROR`, and the connection continues, except the stream's first one. The vendor's browser client is the source of
 * all this. NICE has not published which permission a topic needs, or what the server does with an expired
 * token.
 *
 * @throws `ConfigurationError` for an option that is unknown or invalid.
 *
 * @example
 * ```ts
 * import { AssistStream } from 'agent-assist-sdk';
 * import { discoverCxone, notificationProtocol, transcriptTopic } from 'agent-assist-sdk/cxone';
 *
 * const platform = await discoverCxone({ tenantId: '11111111-2222-4333-8444-555555555555' });
 * await using stream = new AssistStream({ platform, auth, protocol: notificationProtocol() });
 * stream.on('TRANSCRIPT_FRAGMENT', ({ interactionId, speaker, text }) => console.log(interactionId, speaker, text));
 * stream.subscribe(transcriptTopic('30001'));
 * await stream.connect();
 * ```
 */
export function notificationProtocol(
  options: NotificationProtocolOptions = {},
): StreamProtocol<NotificationEvents> & { readonly token: 'protocol' } {
  const { decode, intervalMs, heartbeatToken, tokens } = resolve('notificationProtocol', options, 20_000);
  return {
    ...shared,
    open: (link) => {
      const headers = (token: string): object => ({ sessionToken: token });
      link.send(frame('CONNECT', headers(link.token)));
      const beat = frame('HEARTBEAT', headers(heartbeatToken === 'connection' ? link.token : ''));
      return session(link, decode, headers, tokens, () =>
        link.connected({ kind: 'acknowledged', frame: beat, intervalMs, maxMissed: MAX_MISSED }),
      );
    },
  };
}

/**
 * The agentic socket of Agent Copilot as the protocol of an `AssistStream`, for the topics {@link copilotTopic} and
 * {@link copilotHealthTopic} of tenants that have moved them there. `CopilotClient.agenticStreamUrl` returns its URL.
 * The URL contains the token; errors and logs never show it.
 *
 * @experimental The vendor's own client uses this socket only behind a feature toggle.
 * @throws `ConfigurationError` for an option that is unknown or invalid.
 */
export function agenticProtocol(
  options: Omit<NotificationProtocolOptions, 'heartbeatToken'> = {},
): StreamProtocol<NotificationEvents> & { readonly token: 'protocol' } {
  const { decode, intervalMs, tokens } = resolve('agenticProtocol', options, 30_000);
  return {
    ...shared,
    url: (base, token = '') => {
      base.searchParams.set('token', token);
      base.searchParams.set('consumerId', 'agentcopilot');
      return base;
    },
    open: (link) => {
      const headers = (): object => ({});
      const beat = frame('HEARTBEAT', headers());
      link.connected({ kind: 'acknowledged', frame: beat, intervalMs, maxMissed: MAX_MISSED });
      return session(link, decode, headers, tokens, () => undefined);
    },
  };
}

const frame = (command: string, headers: object, body: object = {}): string =>
  JSON.stringify({ command, headers, body });

function resolve(owner: string, options: NotificationProtocolOptions, defaultIntervalMs: number) {
  checkOptions(owner, options, {
    heartbeatIntervalMs: true,
    heartbeatToken: true,
    sentimentScale: 'an object',
    speakerOf: 'a function',
  });
  const { heartbeatIntervalMs = defaultIntervalMs, heartbeatToken = 'none', speakerOf = () => undefined } = options;
  checkTimeLimits({ heartbeatIntervalMs });
  if (!['none', 'connection'].includes(heartbeatToken))
    throw new ConfigurationError("heartbeatToken: expected 'none' or 'connection'");
  const { sentimentScale: scale } = options;
  if (scale !== undefined && !(Number.isFinite(scale.min) && Number.isFinite(scale.max) && scale.min !== scale.max))
    throw new ConfigurationError('sentimentScale: expected two different numbers, min and max');
  const decode = (body: Fields): Decoding =>
    decodeTranscript(body, speakerOf) ??
    decodeHealth(body) ??
    decodeCopilot(body) ??
    decodeGuidance(body, scale) ??
    decodeSummary(body) ??
    decodeCcai(body);
  return { decode, intervalMs: heartbeatIntervalMs, heartbeatToken, tokens: new Set<string>() };
}

function session(
  link: ProtocolLink<NotificationEvents>,
  decode: (body: Fields) => Decoding,
  headers: (token: string) => object,
  tokens: Set<string>,
  onConnected: () => void,
): ProtocolSession {
  rememberToken(tokens, link.token);
  const ask = (command: string, topic: string, token: string): void => {
    rememberToken(tokens, token);
    link.send(frame(command, headers(token), { topic }));
  };
  /** Ends the connection if it has become useless. Otherwise the error is an event, since only one topic may have failed. */
  const onError = (body: Fields): void => {
    const code = number(Number(id(body['responseCode']) ?? NaN));
    const message = redact(text(body['responseText']) ?? '', tokens);
    const reason = `${code ?? 'ERROR'} ${message}`.trim();
    // A token without a permission is no better than an old one.
    const status = code === 403 ? 401 : code;
    if (message.startsWith('No CONNECT message received')) link.fail(message);
    else if (link.refuseTopic({ status, reason })) link.emit('SERVER_ERROR', { type: 'SERVER_ERROR', code, message });
  };
  return {
    subscribe: (topic, token) => ask('SUBSCRIBE', topic, token),
    unsubscribe: (topic, token) => ask('UNSUBSCRIBE', topic, token),
    receive: (textFrame) => {
      // A server that quotes a token must not put it into an event.
      const message = readJson(withoutSecrets(textFrame, tokens));
      if (!isRecord(message)) {
        link.invalid([{ path: '', message: 'expected a JSON object' }]);
        return;
      }
      const given = message['body'];
      const content = typeof given === 'string' ? readJson(given) : given;
      const body = fields(content);
      switch (message['command']) {
        case 'CONNECTED':
          onConnected();
          break;
        case 'SUBSCRIBED':
          link.subscribed(text(body['topic']) ?? '');
          break;
        case 'UNSUBSCRIBED':
          break;
        case 'HEARTBEAT_ACK':
          link.heartbeat({ type: 'HEARTBEAT' });
          break;
        case 'ERROR':
          onError(body);
          break;
        case 'MESSAGE':
          deliver(link, isRecord(content) ? body : { body: given }, decode(body));
          break;
        default:
          link.unknown({ ...message, type: text(message['command']) ?? '' });
      }
    },
  };
}

function deliver(link: ProtocolLink<NotificationEvents>, body: Fields, decoding: Decoding): void {
  if (decoding === undefined) {
    const type = text(body['messageType']) ?? text(body['MessageType']) ?? text(body['type']) ?? 'MESSAGE';
    link.unknown({ ...body, type });
  } else if ('path' in decoding) link.invalid([decoding]);
  else for (const event of decoding) link.emit(event.type, event);
}
