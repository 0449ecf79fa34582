import { Agent, type Dispatcher } from 'undici';
import type { Transport } from '../http/internal.js';
import { VERSION } from './version.js';
import { ACCEPT_ENCODING, decode } from './decode.js';
import { Incoming } from './incoming.js';
import { checkMethod, checkOptions } from '../options.js';

const USER_AGENT = `agent-assist-sdk/${VERSION}`;

const NO_LIMITS = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } };

/** Options of {@link NodeTransport}. */
export interface NodeTransportOptions {
  /**
   * Sends the requests; pass one to set a proxy, TLS or limits.
   *
   * @defaultValue a new undici `Agent`
   */
  readonly dispatcher?: Dispatcher | undefined;
}

/**
 * A transport for Node that calls undici without the `fetch` layer, at about a quarter of the default transport's CPU
 * time per request (`npm run bench -- http` measures it). It needs `undici`, an optional peer dependency, and keeps
 * connections open until it is closed.
 *
 * @example
 * ```ts
 * import { HttpClient } from 'agent-assist-sdk';
 * import { NodeTransport } from 'agent-assist-sdk/undici';
 *
 * await using transport = new NodeTransport();
 * const http = new HttpClient({ baseUrl: 'https://acme.cognigy.ai/api/v1', transport: transport.send });
 * ```
 */
export class NodeTransport implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;
  #owned: Agent | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: NodeTransportOptions = {}) {
    checkOptions('NodeTransport', options, { dispatcher: true });
    if (options.dispatcher !== undefined)
      checkMethod('dispatcher', options.dispatcher, 'dispatch', 'an undici dispatcher, e.g. new ProxyAgent(url)');
    // The core limits each attempt itself; undici's own limits, 10 s to connect and five minutes, would end a longer
    // one.
    this.#dispatcher = options.dispatcher ?? (this.#owned = new Agent(NO_LIMITS));
  }

  /** Sends one request. Pass it to `HttpClient` as `transport`. */
  readonly send: Transport = async ({ method, url, headers, body, signal }) => {
    const { origin, pathname, search } = new URL(url);
    signal.throwIfAborted();
    const incoming = new Incoming(signal);
    this.#dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method,
        headers: { 'user-agent': USER_AGENT, 'accept-encoding': ACCEPT_ENCODING, ...headers },
        body: body ?? null,
      },
      incoming,
    );
    const { status, headers: answered } = await incoming.head;
    const encoding = answered.get('content-encoding');
    return { status, headers: answered, body: encoding === null ? incoming : decode(incoming, encoding) };
  };

  /** Closes the connections after the requests in progress. A dispatcher passed as an option stays open. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= this.#owned?.close();
    await this.#closed;
  }

  /** Calls {@link NodeTransport.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
