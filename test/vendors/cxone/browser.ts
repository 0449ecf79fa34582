import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createContext, runInContext, type Context, type Script } from 'node:vm';
import type { Cxone } from 'agent-assist-sdk/testing';

const require = createRequire(new URL('../package.json', import.meta.url));

/** The vendor's workers load rxjs from a CDN; here they get this copy. */
const rxjs = (): string => readFileSync(require.resolve('rxjs-6/bundles/rxjs.umd.min.js'), 'utf8');

/** A page that the vendor's SDK runs in: its `fetch` and sockets reach the tenant's hosts by their names, and nothing else. */
export class Browser {
  readonly #pending = new Set<Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sockets = new Set<{ terminate(): void }>();
  readonly #blobs = new Map<string, Blob>();
  readonly #page: Context;
  /** URLs that were imported by workers. */
  readonly imported: string[] = [];

  constructor(cxone: Cxone) {
    const shared = this.#shared(cxone);
    const events = new EventTarget();
    this.#page = createContext({
      ...shared,
      ...(require('fake-indexeddb') as Record<string, unknown>),
      localStorage: storage(),
      sessionStorage: storage(),
      location: Object.assign(new URL('https://app.example.test/'), { reload: nothing }),
      navigator: { onLine: true, userAgent: 'test', language: 'en-US', sendBeacon: () => true },
      document: documentOf(),
      history: { replaceState: nothing, pushState: nothing },
      addEventListener: events.addEventListener.bind(events),
      removeEventListener: events.removeEventListener.bind(events),
      dispatchEvent: events.dispatchEvent.bind(events),
      requestAnimationFrame: (callback: () => void) => this.#later(setTimeout(callback, 0)),
      XMLHttpRequest: class {
        open = nothing;
        send = nothing;
        setRequestHeader = nothing;
        addEventListener = nothing;
      },
      BroadcastChannel: class {
        postMessage = nothing;
        close = nothing;
        addEventListener = nothing;
        removeEventListener = nothing;
      },
      MutationObserver: class {
        observe = nothing;
        disconnect = nothing;
      },
      Audio: class {
        play = nothing;
      },
      HTMLElement: class extends EventTarget {},
      Element: class extends EventTarget {},
      Node: class extends EventTarget {},
      Worker: this.#workerClass(shared),
    });
    runInContext('globalThis.window = globalThis.self = globalThis.global = globalThis;', this.#page);
  }

  /** Runs a script; a text's value is returned. */
  run(script: Script | string): unknown {
    return typeof script === 'string' ? runInContext(script, this.#page) : script.runInContext(this.#page);
  }

  /** Ends the page once its requests have been answered: the vendor's SDK would not catch their failure. */
  async close(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.allSettled(this.#pending);
    } while (this.#pending.size > 0);
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  #later(timer: NodeJS.Timeout): NodeJS.Timeout {
    this.#timers.add(timer);
    return timer;
  }

  /** What a page and its workers have in common. */
  #shared(cxone: Cxone): Record<string, unknown> {
    const sockets = this.#sockets;
    const blobs = this.#blobs;
    class PageUrl extends URL {
      static override createObjectURL(blob: Blob): string {
        const url = `blob:test/${blobs.size}`;
        blobs.set(url, blob);
        return url;
      }
      static override revokeObjectURL(): void {
        // The blobs end with the page.
      }
    }
    const timed =
      (start: typeof setTimeout | typeof setInterval) =>
      (callback: () => void, delayMs?: number): NodeJS.Timeout =>
        this.#later(start(callback, delayMs));
    return {
      setTimeout: timed(setTimeout),
      setInterval: timed(setInterval),
      clearTimeout,
      clearInterval: clearTimeout,
      fetch: async (...args: Parameters<typeof fetch>): Promise<Response> => {
        const answer = cxone.fetch(...args);
        this.#pending.add(answer);
        return answer.finally(() => this.#pending.delete(answer));
      },
      WebSocket: class extends cxone.WebSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
          super(url, protocols);
          sockets.add(this);
        }
      },
      console: { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing },
      URL: PageUrl,
      ...{ URLSearchParams, Headers, Request, Response, AbortController, AbortSignal, Blob, Event, EventTarget },
      ...{ TextEncoder, TextDecoder, crypto, performance, structuredClone, queueMicrotask, atob, btoa },
    };
  }

  #workerClass(shared: Record<string, unknown>): unknown {
    const blobs = this.#blobs;
    const imported = this.imported;
    return class {
      onmessage: ((event: { data: unknown }) => void) | undefined;
      readonly #waiting: unknown[] = [];
      #inside: Context | undefined;

      constructor(url: string) {
        const inside: Context = createContext({ ...shared });
        inside['postMessage'] = (data: unknown) => setTimeout(() => this.onmessage?.({ data }), 0);
        inside['importScripts'] = (source: string) => {
          imported.push(source);
          if (source.includes('rxjs')) runInContext(rxjs(), inside);
        };
        runInContext('globalThis.self = globalThis.window = globalThis.global = globalThis;', inside);
        void blobs
          .get(url)
          ?.text()
          .then((script) => {
            runInContext(script, inside);
            this.#inside = inside;
            for (const message of this.#waiting) this.postMessage(message);
          });
      }

      postMessage(message: unknown): void {
        const receive = this.#inside?.['onmessage'] as ((event: { data: unknown }) => void) | undefined;
        if (receive === undefined) this.#waiting.push(message);
        else receive({ data: structuredClone(message) });
      }

      terminate(): void {
        this.onmessage = undefined;
      }
    };
  }
}

const nothing = (): void => undefined;

function storage(): unknown {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: unknown) => void items.set(key, String(value)),
    removeItem: (key: string) => void items.delete(key),
    clear: () => items.clear(),
    key: (index: number) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
}

function documentOf(): unknown {
  const element = (): unknown => ({ style: {}, setAttribute: nothing, appendChild: nothing });
  return {
    ...{ cookie: '', hidden: false, visibilityState: 'visible', documentElement: { style: {} } },
    ...{ head: element(), body: element(), createElement: element, addEventListener: nothing },
    ...{ getElementById: () => null, querySelector: () => null },
  };
}
