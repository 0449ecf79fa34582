/**
 * What follows when the server closes a connection with a code: connect again, drop the token and connect again, or end
 * the stream with an error since repeating cannot help.
 */
export type CloseAction = 'reconnect' | 'refresh-token' | 'terminate';

/**
 * What the stream does on each close code from the server (RFC 6455 §7.4.1 and the IANA registry). A code that is not
 * listed, any private one (4000 to 4999) included, reconnects. Single entries are replaced by the option `closeCodes`.
 */
export const closeCodes: Readonly<Record<number, CloseAction>> = {
  /** Normal closure: a server that is done with a connection and not with its client, e.g. for rotation. */
  1000: 'reconnect',
  /** Going away: a server that shuts down; another one takes over. */
  1001: 'reconnect',
  /** Protocol error: the server cannot follow our framing, and it will be the same next time. */
  1002: 'terminate',
  /** Unsupported data: the server does not take text frames, which are all that this client sends. */
  1003: 'terminate',
  /** A close frame without a code. */
  1005: 'reconnect',
  /** No close frame: the connection broke. */
  1006: 'reconnect',
  /** Invalid payload: the server finds our frames malformed, and they will be the same next time. */
  1007: 'terminate',
  /** Policy violation: the server refuses this client. */
  1008: 'terminate',
  /** Message too big: nothing that this client sends is larger than a heartbeat. */
  1009: 'terminate',
  /** A required extension is missing; this client will offer the same ones again. */
  1010: 'terminate',
  /** Internal error: the 500 of WebSocket; some servers also send it when a ping of theirs went unanswered. */
  1011: 'reconnect',
  /** Service restart. */
  1012: 'reconnect',
  /** Try again later. */
  1013: 'reconnect',
  /** Bad gateway. */
  1014: 'reconnect',
  /** Unauthorized (IANA): the token expired while the connection was open, or was refused after the upgrade. */
  3000: 'refresh-token',
  /** Forbidden (IANA). */
  3003: 'terminate',
  /** Unauthorized, by the custom of 4000 plus the HTTP status. */
  4401: 'refresh-token',
  /** Forbidden, by the same custom. */
  4403: 'terminate',
};

/**
 * What follows when the upgrade is answered by an HTTP status instead. While the stream has never been open, an answer
 * that speaks of a wrong address or request (3xx, 4xx) is final, since it is a mistake in the configuration; later it
 * is taken for a server in the middle of a change.
 */
export function refusalAction(status: number, everOpen: boolean): CloseAction {
  if (status === 401) return 'refresh-token';
  if (status === 403) return 'terminate';
  const isPassing = status >= 500 || status === 408 || status === 425 || status === 429;
  return isPassing || everOpen ? 'reconnect' : 'terminate';
}
