import { ConfigurationError } from '../errors.js';
import { checkCallbacks, errorText, isThenable, type Logger } from '../http/index.js';
import type { AssistStreamEvents } from './events.js';

/** A listener of one of the stream's events. What it returns is ignored, unless it is a promise that rejects. */
export type StreamListener<K extends keyof AssistStreamEvents> = (event: AssistStreamEvents[K]) => unknown;

/** One call of `on` or `once`. */
interface Registration {
  readonly listener: (event: never) => unknown;
  readonly isOnce: boolean;
}

/** The type holds that none is missing. */
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

const NONE: readonly Registration[] = [];

/**
 * The stream's listeners, registered and removed as Node's `EventEmitter` does it. One that throws or rejects is reported
 * and disturbs neither the others nor the stream.
 */
export class Listeners {
  /** Each list is replaced and never changed, so that an event under way reaches those that were there when it came. */
  readonly #lists = new Map<keyof AssistStreamEvents, readonly Registration[]>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  on<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#add(name, { listener, isOnce: false });
  }

  once<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    this.#add(name, { listener, isOnce: true });
  }

  /** Removes the registration of `listener` that was added last. */
  off<K extends keyof AssistStreamEvents>(name: K, listener: StreamListener<K>): void {
    const found = this.#lists.get(name)?.findLast((registration) => registration.listener === listener);
    if (found !== undefined) this.#remove(name, found);
  }

  emit<K extends keyof AssistStreamEvents>(name: K, event: AssistStreamEvents[K]): void {
    for (const registration of this.#lists.get(name) ?? NONE) {
      // A listener before it may have made the same event come again, and with it this one's only call.
      if (registration.isOnce && !this.#remove(name, registration)) continue;
      try {
        const result = registration.listener(event as never);
        if (isThenable(result)) Promise.resolve(result).catch((error: unknown) => this.#report(name, error));
      } catch (error) {
        this.#report(name, error);
      }
    }
  }

  #add(name: keyof AssistStreamEvents, registration: Registration): void {
    checkName(name);
    checkCallbacks({ listener: registration.listener });
    this.#lists.set(name, [...(this.#lists.get(name) ?? NONE), registration]);
  }

  #remove(name: keyof AssistStreamEvents, registration: Registration): boolean {
    const list = this.#lists.get(name) ?? NONE;
    if (!list.includes(registration)) return false;
    this.#lists.set(
      name,
      list.filter((other) => other !== registration),
    );
    return true;
  }

  #report(event: keyof AssistStreamEvents, error: unknown): void {
    this.#logger.error(`A listener of ${event} failed: ${errorText(error)}`, { error });
    if (event !== 'error') this.emit('error', { event, error });
  }
}

const letters = (name: string): string => name.replaceAll(/[^A-Za-z]/g, '').toLowerCase();

/** For plain JavaScript: a listener of an event that there is none of would never be called. */
function checkName(given: unknown): void {
  const name = String(given);
  if (Object.hasOwn(names, name)) return;
  const known = Object.keys(names);
  const begin = letters(name).slice(0, 4);
  const nearest = begin === '' ? undefined : known.find((other) => letters(other).startsWith(begin));
  const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean '${nearest}'?`;
  throw new ConfigurationError(`on: no event ${JSON.stringify(name.slice(0, 50))}; ${hint}`);
}
