const UNTRUSTED = 'its certificate is not trusted: add its CA by NODE_EXTRA_CA_CERTS';
const EXPIRED = 'its certificate is not valid now: check the clock of this machine and the certificate';
const CUT = 'the connection was closed before an answer: check proxies, and http or https';
const NO_CONNECTION = 'no connection came about in time: check network, firewall and proxy';
const NO_ROUTE = 'no route leads there: check the network';
const NO_TLS = 'TLS failed: check http or https, the port, and proxies';

/** What to check, by the code of a connection that failed: those of Node, undici and OpenSSL. */
const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host: check tenant, host or baseUrl',
  EAI_AGAIN: 'the name could not be looked up: check the network and DNS',
  ECONNREFUSED: 'nothing accepts connections there: check host and port',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: NO_CONNECTION,
  UND_ERR_CONNECT_TIMEOUT: NO_CONNECTION,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: EXPIRED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: check the host',
};

/**
 * One line on a connection that failed: its code and the host, and for common codes what to check.
 *
 * @param message - stands in for a code where the runtime gives none.
 */
export function connectionProblem(code: string | undefined, message: string, host: string): string {
  if (code === undefined) return `${message} (${host})`;
  return Object.hasOwn(advice, code) ? `${code} (${host}); ${advice[code]}` : `${code} (${host})`;
}
