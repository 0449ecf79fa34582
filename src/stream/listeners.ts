import { EventEmitter } from 'eventemitter3';
import { ConfigurationError } from '../errors.js';
import { checkCallbacks, errorText, isThenable, type Logger } from '../http/internal.js';
import { didYouMean } from '../options.js';
import type { AssistStreamEvents } from './events.js';

/** A listener of a stream event. Its result is ignored, unless it is a promise that rejects. */
export type StreamListener<K extends keyof AssistStreamEvents> = (event: AssistStreamEvents[K]) => unknown;

/** One call of `on` or `once`, so that `off` can remove that one alone. */
interface Registration {
  (event: unknown): void;
  readonly listener: (event: never) => unknown;
}

/** Every event; the type keeps the list complete. */
const names: Readonly<Record<keyof AssistStreamEvents, true>> = {
  INTERACTION_UPDATE: true,
  TRANSCRIPT_FRAGMENT: true,
  DIALOG_STATE: true,
  INSIGHT_ACCEPTED: true,
  INSIGHT_REJECTED: true,
  HEARTBEAT: true,
  unknown: true,
  invalid: true,
  open: true,
  close: true,
  gap: true,
  reconnecting: true,
  error: true,
  terminated: true,
};

/**
 * The stream's listeners, with the semantics of Node's `EventEmitter`. A listener that throws or rejects is reported and
 * affects neither the others nor the stream.
 */
export class Listeners {
  readonly #emitter = new EventEmitter<Record<keyof AssistStreamEvents, [event: unknown]>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#emitter.on(name, this.#register(name, listener));
  }

  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#emitter.once(name, this.#register(name, listener));
  }

  /** Removes the last registration of `listener`; eventemitter3 alone would remove all of them. */
  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    const registered = this.#emitter.listeners(name) as Registration[];
    const last = registered.findLast((registration) => registration.listener === listener);
    if (last !== undefined) this.#emitter.off(name, last);
  }

  emit<K extends keyof AssistStreamEvents>(name: K, event: AssistStreamEvents[K]): void {
    this.#emitter.emit(name, event);
  }

  /** Wraps the listener so that an error does not reach the other listeners. */
  #register(name: keyof AssistStreamEvents, listener: (event: never) => unknown): Registration {
    checkName(name);
    checkCallbacks({ listener });
    const call = (event: unknown): void => {
      try {
        const result = listener(event as never);
        if (isThenable(result)) Promise.resolve(result).catch((error: unknown) => this.#report(name, error));
      } catch (error) {
        this.#report(name, error);
      }
    };
    return Object.assign(call, { listener });
  }

  #report(event: keyof AssistStreamEvents, error: unknown): void {
    this.#logger.error(`A listener of ${event} failed: ${errorText(error)}`, { error });
    if (event !== 'error') this.emit('error', { event, error });
  }
}

/** For plain JavaScript: a listener of an unknown event would never be called. */
function checkName(given: unknown): void {
  const name = String(given);
  if (!Object.hasOwn(names, name))
    throw new ConfigurationError(
      `on: no event ${JSON.stringify(name.slice(0, 50))}; ${didYouMean(name, Object.keys(names))}`,
    );
}
