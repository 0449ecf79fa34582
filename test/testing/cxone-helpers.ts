import { once } from 'node:events';
import type { Cxone } from 'agent-assist-sdk/testing';
import { WebSocket } from 'ws';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly id_token: string;
}

export interface Frame {
  readonly command: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Logs in with the access key, as back ends do. */
export async function logIn(cxone: Cxone): Promise<Tokens> {
  const { clientId, clientSecret, accessKey } = cxone.credentials;
  const answer = await fetch(cxone.tokenUrl, {
    method: 'POST',
    headers: { authorization: basic(clientId, clientSecret) },
    body: new URLSearchParams({ grant_type: 'password', username: accessKey.id, password: accessKey.secret }),
  });
  return (await answer.json()) as Tokens;
}

/** The payload of a token. */
export const claimsIn = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;

/** A client on the notification socket; `next` resolves with the next frame. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly #frames: string[] = [];
  readonly #waiting: ((frame: string) => void)[] = [];

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#frames.push(text);
      else waiting(text);
    });
  }

  /** Opens a socket, connects with a token and subscribes to topics. */
  static async subscribed(cxone: Cxone, ...topics: readonly string[]): Promise<SocketClient> {
    const { access_token: token } = await logIn(cxone);
    const client = new SocketClient(cxone.notificationUrl);
    await once(client.socket, 'open');
    await client.ask('CONNECT', token);
    for (const topic of topics) await client.ask('SUBSCRIBE', token, { topic });
    return client;
  }

  send(command: string, sessionToken: string, body: object = {}): void {
    this.socket.send(JSON.stringify({ command, headers: { sessionToken }, body }));
  }

  async ask(command: string, sessionToken: string, body: object = {}): Promise<Frame> {
    this.send(command, sessionToken, body);
    return this.next();
  }

  async next(): Promise<Frame> {
    return JSON.parse(await this.nextText()) as Frame;
  }

  async nextText(): Promise<string> {
    const first = this.#frames.shift();
    if (first !== undefined) return first;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
