import { EventEmitter } from '#event-emitter';
import { ConfigurationError } from '../../errors.js';
import { attempt, errorText, type Instruments, type Logger } from '../../http/internal.js';
import { checkKind, didYouMean } from '../../options.js';
import type { AssistStreamEvents, InteractionEvents, StreamLifecycleEvents } from '../events.js';

/** A listener of a stream event. Its result is ignored, unless it is a promise that rejects. */
export type StreamListener<K extends keyof AssistStreamEvents<Events>, Events extends object = InteractionEvents> = (
  event: AssistStreamEvents<Events>[K],
) => unknown;

/** One call of `on` or `once`, so that `off` can remove that one alone. */
interface Registration {
  (event: unknown): void;
  readonly listener: (event: never) => unknown;
}

/** The events of every stream; the type keeps the list complete. */
const lifecycle: Readonly<Record<keyof StreamLifecycleEvents, true>> = {
  HEARTBEAT: true,
  unknown: true,
  invalid: true,
  open: true,
  subscribed: true,
  close: true,
  gap: true,
  reconnecting: true,
  error: true,
  terminated: true,
};

type Listener = (event: never) => unknown;

/**
 * The stream's listeners, with the semantics of Node's `EventEmitter`. A listener that throws or rejects is reported
 * and affects neither the others nor the stream.
 */
export class Listeners {
  readonly #emitter = new EventEmitter<Record<string, [event: unknown]>>();
  readonly #names: Readonly<Record<string, true>>;
  readonly #logger: Logger;
  readonly #instruments: Instruments | undefined;

  /** @param events - names of the protocol's events. */
  constructor(events: Readonly<Record<string, true>>, logger: Logger, instruments: Instruments | undefined) {
    this.#names = { ...events, ...lifecycle };
    this.#logger = logger;
    this.#instruments = instruments;
  }

  on(name: string, listener: Listener): void {
    this.#emitter.on(name, this.#register(name, listener));
  }

  once(name: string, listener: Listener): void {
    this.#emitter.once(name, this.#register(name, listener));
  }

  /** Removes the last registration of `listener`; eventemitter3 alone would remove all of them. */
  off(name: string, listener: Listener): void {
    const registered = this.#emitter.listeners(name) as Registration[];
    const last = registered.findLast((registration) => registration.listener === listener);
    if (last !== undefined) this.#emitter.off(name, last);
  }

  /** Emits an event of every stream. */
  emit<K extends keyof StreamLifecycleEvents>(name: K, event: StreamLifecycleEvents<object>[K]): void {
    this.emitEvent(name, event);
  }

  /** Emits an event of the protocol. */
  emitEvent(name: string, event: object): void {
    this.#instruments?.record({ type: 'stream_event', name });
    this.#emitter.emit(name, event);
  }

  /** Wraps the listener so that an error does not reach the other listeners. */
  #register(given: unknown, listener: Listener): Registration {
    const name = String(given);
    if (!Object.hasOwn(this.#names, name)) {
      // For plain JavaScript: a listener of an unknown event would never be called.
      const hint = didYouMean(name, Object.keys(this.#names));
      throw new ConfigurationError(`on: no event ${JSON.stringify(name.slice(0, 50))}; ${hint}`);
    }
    checkKind('listener', listener, 'a function');
    const call = (event: unknown): void =>
      attempt(
        () => listener(event as never),
        (error) => this.#report(name, error),
      );
    return Object.assign(call, { listener });
  }

  #report(event: string, error: unknown): void {
    this.#logger.error(`A listener of ${event} failed: ${errorText(error)}`, { error });
    if (event !== 'error') this.emit('error', { event, error });
  }
}
