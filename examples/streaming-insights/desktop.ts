import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { InsightDecision } from 'agent-assist-sdk/insights';
import { build } from 'esbuild';
import { WebSocketServer } from 'ws';

const page = (file: string): string => fileURLToPath(new URL(`./page/${file}`, import.meta.url));

/** Bundles the page's program with the SDK's browser build into one file. */
export async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [page('desktop.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: true,
    // Otherwise the repository's own tsconfig.json leads to the sources for Node.
    tsconfigRaw: {},
    // In this repository the package is not below node_modules, where esbuild does not comment on its files.
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** The desktop's content as stream events; the last two types are its own. */
export type DesktopEvent =
  | {
      type: 'TRANSCRIPT_FRAGMENT';
      interactionId: string;
      text: string;
      speaker?: string | undefined;
      timestamp?: string | number | undefined;
    }
  | { type: 'DIALOG_STATE'; interactionId: string; state: string }
  | { type: 'CARDS_PUSHED'; interactionId: string; question: string; cards: readonly object[] }
  | { type: 'FEEDBACK_RECORDED'; interactionId: string; insightId: string; action: string };

/** Limit of events for a page that is opened later. */
const KEPT_EVENTS = 600;
const MAX_BODY_BYTES = 10_000;
const MAX_UNSENT_BYTES = 1_000_000;

/**
 * The agent's desktop: one page, a stream of its content, and the route of its buttons. The page is a client of the
 * same SDK, so stream and feedback look like the platform's own. The token in the page keeps others out.
 */
export class Desktop implements AsyncDisposable {
  readonly #token: string = randomUUID();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES });
  readonly #script: string;
  readonly #onDecision: (decision: InsightDecision) => void;
  readonly #shown: string[] = [];

  private constructor(script: string, onDecision: (decision: InsightDecision) => void) {
    this.#script = script;
    this.#onDecision = onDecision;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const url = URL.parse(request.url ?? '/', 'http://desktop');
      const isAllowed = url?.pathname === '/stream' && url.searchParams.get('access_token') === this.#token;
      if (!isAllowed || !this.#isAddressed(request)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => undefined);
        for (const event of this.#shown) client.send(event);
      });
    });
  }

  static async start(options: {
    readonly port: number;
    readonly script: string;
    readonly onDecision: (decision: InsightDecision) => void;
  }): Promise<Desktop> {
    const desktop = new Desktop(options.script, options.onDecision);
    await new Promise<void>((resolve, reject) => {
      desktop.#server.once('error', reject);
      desktop.#server.listen(options.port, '127.0.0.1', resolve);
    });
    return desktop;
  }

  /** URL of the page. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Shows an event on every open page, and on pages opened later. */
  show(event: DesktopEvent): void {
    const text = JSON.stringify(event);
    this.#shown.push(text);
    if (this.#shown.length > KEPT_EVENTS) this.#shown.shift();
    for (const client of this.#sockets.clients) {
      // A page that has stopped reading is disconnected; it reconnects and catches up.
      if (client.bufferedAmount > MAX_UNSENT_BYTES) client.terminate();
      else client.send(text);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A foreign page whose name points to this machine (DNS rebinding) sends its own name. */
  #isAddressed(request: IncomingMessage): boolean {
    const { port } = this.#server.address() as AddressInfo;
    return [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#isAddressed(request)) {
      response.writeHead(421).end();
      return;
    }
    switch (`${request.method ?? ''} ${(request.url ?? '/').split('?')[0] ?? ''}`) {
      case 'GET /': {
        const html = (await readFile(page('index.html'), 'utf8')).replace('{{token}}', this.#token);
        send(response, 'text/html; charset=utf-8', html);
        return;
      }
      case 'GET /style.css':
        send(response, 'text/css; charset=utf-8', await readFile(page('style.css'), 'utf8'));
        return;
      case 'GET /desktop.js':
        send(response, 'text/javascript; charset=utf-8', this.#script);
        return;
      case 'GET /favicon.ico':
        response.writeHead(204).end();
        return;
      case 'POST /api/v2/ai/training/feedback':
        await this.#takeDecision(request, response);
        return;
      default:
        response.writeHead(404).end();
    }
  }

  async #takeDecision(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== `Bearer ${this.#token}`) {
      response.writeHead(401).end();
      return;
    }
    const decision = readDecision(await readBody(request));
    if (decision === undefined) {
      response.writeHead(400).end();
      return;
    }
    this.#onDecision(decision);
    response.writeHead(204).end();
  }
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request as AsyncIterable<string>) {
    if (text.length <= MAX_BODY_BYTES) text += chunk;
  }
  return text;
}

function readDecision(body: string): InsightDecision | undefined {
  try {
    const { interactionId, insightId, action } = JSON.parse(body) as Record<string, unknown>;
    if (typeof interactionId !== 'string' || typeof insightId !== 'string') return undefined;
    if (action !== 'accepted' && action !== 'rejected') return undefined;
    return { type: action === 'accepted' ? 'INSIGHT_ACCEPTED' : 'INSIGHT_REJECTED', interactionId, insightId, action };
  } catch {
    return undefined;
  }
}
