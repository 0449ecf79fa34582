/** Limit of what an embedded server keeps of one kind. */
export const KEPT = 10_000;

/** Appends an item to a list; above `limit` items, the oldest leaves. */
export function keepLatest<T>(list: T[], item: T, limit: number = KEPT): void {
  list.push(item);
  if (list.length > limit) list.shift();
}

/**
 * Sets an entry; above {@link KEPT} entries, the oldest leaves. A known one stays in its place, which a `LinkedMap` would
 * move to the end: lists of a platform keep the order of creation.
 */
export function setLatest<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.set(key, value);
  const [oldest] = map.size > KEPT ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}
