/** Reaction to a close code: reconnect, reconnect with a new token, or end the stream with an error. */
export type CloseAction = 'reconnect' | 'refresh-token' | 'terminate';

/**
 * Reaction to each close code of the server (RFC 6455 §7.4.1 and the IANA registry). Unlisted codes reconnect,
 * including private ones (4000 to 4999). The option `closeCodes` replaces single entries.
 */
export const closeCodes: Readonly<Record<number, CloseAction>> = {
  /** Normal closure: the server is done with the connection but not with the client, e.g. for rotation. */
  1000: 'reconnect',
  /** Going away: the server shuts down and another one takes over. */
  1001: 'reconnect',
  /** Protocol error: the server rejects our framing and will reject it again. */
  1002: 'terminate',
  /** Unsupported data: the server rejects text frames, and this client sends no others. */
  1003: 'terminate',
  /** Close frame without a code. */
  1005: 'reconnect',
  /** No close frame: the connection broke. */
  1006: 'reconnect',
  /** Invalid payload: the server rejects our frames and will reject them again. */
  1007: 'terminate',
  /** Policy violation: the server refuses this client. */
  1008: 'terminate',
  /** Message too big: this client sends nothing larger than a heartbeat. */
  1009: 'terminate',
  /** Missing extension: this client would offer the same ones again. */
  1010: 'terminate',
  /** Internal error. Some servers also send it when their ping was not answered. */
  1011: 'reconnect',
  /** Service restart. */
  1012: 'reconnect',
  /** Try again later. */
  1013: 'reconnect',
  /** Bad gateway. */
  1014: 'reconnect',
  /** Unauthorized (IANA): the token expired, or was refused after the upgrade. */
  3000: 'refresh-token',
  /** Forbidden (IANA). */
  3003: 'terminate',
  /** Unauthorized, by the convention of 4000 plus the HTTP status. */
  4401: 'refresh-token',
  /** Forbidden, by the same convention. */
  4403: 'terminate',
};
