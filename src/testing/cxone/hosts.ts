import type { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { WebSocketLike } from '../../stream/index.js';
import { HttpProblem } from '../server/problem.js';
import type { RecordedRequest } from '../server/recorded-request.js';

/** The tenant's hosts; each serves its own paths, so that one socket serves them all. */
export interface CxoneHosts {
  /** Login and discovery. */
  readonly issuer: string;
  /** Copilot, user management. */
  readonly api: string;
  /** Agents' sessions and whoami. */
  readonly acd: string;
  /** Feature toggles and the older access-key login. */
  readonly userHub: string;
  /** Customers of the digital channels (DFO). */
  readonly dfo: string;
  readonly expert: string;
  /** The agent-assist notification socket. */
  readonly notifications: string;
}

/**
 * Names of the hosts, as discovery returns them. Under `.test`, which no resolver knows: a name that was not mapped
 * reaches no host.
 */
export const NAMES = {
  area: 'na1',
  cluster: 'c31',
  domain: 'cxone.test',
  uhDomain: 'uh.cxone.test',
  acdDomain: 'acd.cxone.test',
};

/** The hosts' URLs by their names. */
export const NAMED_HOSTS: CxoneHosts = {
  issuer: 'https://cxone.cxone.test',
  api: 'https://api-na1.cxone.test',
  acd: 'https://api-c31.acd.cxone.test',
  userHub: 'https://na1.uh.cxone.test',
  dfo: 'https://api-de-na1.cxone.test',
  expert: 'https://expert.cxone.test',
  notifications: 'wss://websocket-na1.cxone.test',
};

/** Header that tells a request's host where `Cxone.fetch` replaced it. */
const HOST_HEADER = 'x-forwarded-host';

/** @internal Returns the hosts' URLs on the one socket that serves them. */
export function localHosts(origin: string): CxoneHosts {
  return {
    issuer: origin,
    api: origin,
    acd: origin,
    userHub: origin,
    dfo: origin,
    expert: origin,
    notifications: origin.replace('http', 'ws'),
  };
}

/** @internal Returns the hosts as the client sees them. */
export function hostsFor(headers: IncomingHttpHeaders, origin: string): CxoneHosts {
  return headers[HOST_HEADER] === undefined ? localHosts(origin) : NAMED_HOSTS;
}

/** Beginnings of paths, and the hosts that serve them. */
const SERVED: readonly (readonly [path: RegExp, ...hosts: (keyof CxoneHosts)[]])[] = [
  [/^\/\.well-known\//, 'issuer', 'userHub'],
  [/^\/auth\//, 'issuer'],
  [/^\/(?:config|authentication|public)\//, 'userHub'],
  [/^\/incontact/i, 'acd'],
  [/^\/(?:agent-copilot|agentcopilotapi|user-management)\//, 'api'],
  [/^\/dfo\//, 'dfo'],
  [/^\/@api\//, 'expert'],
  [/^\/(?:agent-assist-notifications|agentic)\//, 'notifications'],
];

/** @internal Refuses a request by name whose path is on another host. */
export function checkHost({ headers, path }: Pick<RecordedRequest, 'headers' | 'path'>): void {
  const asked = headers[HOST_HEADER];
  const [, ...hosts] = SERVED.find(([beginning]) => beginning.test(path)) ?? [];
  if (asked === undefined || hosts.length === 0) return;
  if (hosts.some((host) => new URL(NAMED_HOSTS[host]).host === asked)) return;
  throw new HttpProblem(404, 'not_found', `${String(asked)} does not serve ${path}`);
}

/** @internal Maps a URL of one of the hosts to the one socket; refuses any other host like DNS. */
export function localUrl(url: string | URL, origin: string): URL {
  const asked = new URL(url);
  const local = new URL(origin);
  const known = new Set(Object.values<string>({ ...NAMED_HOSTS }).map((host) => new URL(host).host));
  if (asked.host !== local.host && !known.has(asked.host)) {
    const cause = Object.assign(new Error(`getaddrinfo ENOTFOUND ${asked.hostname}`), { code: 'ENOTFOUND' });
    throw new TypeError('fetch failed', { cause });
  }
  return new URL(`${asked.protocol.startsWith('ws') ? 'ws' : 'http'}://${local.host}${asked.pathname}${asked.search}`);
}

/** @internal Creates a `fetch` that reaches every host of the tenant by its name. */
export function fetchByName(origin: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set(HOST_HEADER, new URL(request.url).host);
    const body = request.body === null ? null : await request.arrayBuffer();
    const { method, redirect, signal } = request;
    return fetch(localUrl(request.url, origin), { method, headers, body, redirect, signal });
  };
}

/** The class of `ws`, with a constructor that maps the URL. Its declaration needs no `@types/ws`. */
export type NamedWebSocket = new (
  url: string | URL,
  protocols?: string | string[],
  options?: object,
) => WebSocketLike &
  EventEmitter & {
    /** Breaks the connection without a close frame. */
    terminate(): void;
  };

/** @internal Creates a `WebSocket` that reaches every host of the tenant by its name. */
export function socketByName(origin: string): NamedWebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols: string | string[] = [], options: WebSocket.ClientOptions = {}) {
      const headers = { ...options.headers, [HOST_HEADER]: new URL(url).host };
      super(localUrl(url, origin), protocols, { ...options, headers });
    }
  };
}
