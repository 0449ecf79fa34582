/**
 * Where answers are kept between calls. Any Keyv fits as it is, e.g. one on Redis for a fleet; give each tenant a
 * namespace of its own.
 */
export interface SuggestionStore {
  /** The value under this key, or `undefined`. */
  get(key: string): unknown;
  /** Keeps a value for `ttlMs`. What it returns is awaited by nobody, a rejection is logged. */
  set(key: string, value: unknown, ttlMs: number): unknown;
}
