import { EventEmitter } from 'eventemitter3';
import { checkCallbacks, errorText, isThenable, type Logger } from '../http/index.js';
import type { AssistStreamEvents } from './events.js';

/** A listener of one of the stream's events. What it returns is ignored, unless it is a promise that rejects. */
export type StreamListener<K extends keyof AssistStreamEvents> = (event: AssistStreamEvents[K]) => unknown;

type Guarded = (event: unknown, name: keyof AssistStreamEvents) => void;

/** The stream's listeners. One that throws or rejects is reported and disturbs neither the others nor the stream. */
export class Listeners {
  readonly #emitter = new EventEmitter<Record<keyof AssistStreamEvents, Guarded>>();
  readonly #guarded = new WeakMap<object, Guarded>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#emitter.on(name, this.#guard(listener));
  }

  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#emitter.once(name, this.#guard(listener));
  }

  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    const guarded = this.#guarded.get(listener);
    // Without a function the emitter would remove all of them.
    if (guarded !== undefined) this.#emitter.off(name, guarded);
  }

  emit<K extends keyof AssistStreamEvents>(name: K, event: AssistStreamEvents[K]): void {
    this.#emitter.emit(name, event, name);
  }

  #guard<K extends keyof AssistStreamEvents>(listener: StreamListener<K>): Guarded {
    checkCallbacks({ listener });
    const known = this.#guarded.get(listener);
    if (known !== undefined) return known;
    const guarded: Guarded = (event, name) => {
      try {
        const result = listener(event as AssistStreamEvents[K]);
        if (isThenable(result)) Promise.resolve(result).catch((error: unknown) => this.#report(name, error));
      } catch (error) {
        this.#report(name, error);
      }
    };
    this.#guarded.set(listener, guarded);
    return guarded;
  }

  #report(event: keyof AssistStreamEvents, error: unknown): void {
    this.#logger.error(`A listener of ${event} failed: ${errorText(error)}`, { error });
    if (event !== 'error') this.emit('error', { event, error });
  }
}
