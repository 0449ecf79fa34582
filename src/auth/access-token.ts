import type { Clock } from '../http/internal.js';

/** An access token and its time. */
export interface AccessToken {
  readonly value: string;
  /** In ms, counted from the moment at which the token was asked for: it cannot end later than the server thinks. */
  readonly lifetimeMs: number;
  /** That moment, by `Clock.now`. */
  readonly issuedAt: number;
  /** That moment, by `Clock.monotonic`. */
  readonly issuedAtMonotonic: number;
}

/**
 * How long a token is still valid, in ms. Both clocks count and the stricter one holds: the monotonic one stands still
 * on some systems while the machine sleeps, the wall clock can be set back.
 */
export function remainingMs(token: AccessToken, clock: Clock): number {
  const age = Math.max(clock.monotonic() - token.issuedAtMonotonic, clock.now() - token.issuedAt);
  return token.lifetimeMs - age;
}

/**
 * How long before its end a token is refreshed, in ms. A margin of more than half the lifetime would fetch short-lived
 * tokens far more often than they expire; a tenth of the lifetime takes its place.
 */
export function refreshMarginMs(lifetimeMs: number, wantedMs: number): number {
  return wantedMs <= lifetimeMs / 2 ? wantedMs : lifetimeMs / 10;
}
