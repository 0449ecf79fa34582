type Listener = (event: object) => void;

interface Registration {
  readonly listener: Listener;
  readonly isOnce: boolean;
}

/** Replaces eventemitter3 in bundles for browsers (condition `browser`), of which the stream uses little. */
export class EventEmitter {
  /** A change makes another list, since the current one may be in use. */
  readonly #registered = new Map<string, readonly Registration[]>();

  on(name: string, listener: Listener): void {
    this.#add(name, { listener, isOnce: false });
  }

  once(name: string, listener: Listener): void {
    this.#add(name, { listener, isOnce: true });
  }

  off(name: string, listener: Listener): void {
    this.#registered.set(
      name,
      this.#of(name).filter((each) => each.listener !== listener),
    );
  }

  listeners(name: string): Listener[] {
    return this.#of(name).map(({ listener }) => listener);
  }

  emit(name: string, event: object): void {
    for (const { listener, isOnce } of this.#of(name)) {
      if (isOnce) this.off(name, listener);
      listener(event);
    }
  }

  #add(name: string, registration: Registration): void {
    this.#registered.set(name, [...this.#of(name), registration]);
  }

  #of(name: string): readonly Registration[] {
    return this.#registered.get(name) ?? [];
  }
}
