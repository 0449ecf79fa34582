import { ConfigurationError } from '../../errors.js';
import type { Clock } from '../../http/clock.js';
import type { RecordedRequest } from './recorded-request.js';
import { ArmedFaults, type FaultTimes, type InjectedFault } from './armed-faults.js';
import { routeMatcher, type RouteSelector } from './route-selector.js';
import { checkKind, checkOptions } from '../../options.js';

/** The three forms of an HTTP-date (RFC 9110 §5.6.7). */
export type HttpDateForm = 'imf-fixdate' | 'rfc850' | 'asctime';

/**
 * A `Retry-After`: a number of seconds, an HTTP-date that many seconds from now (rounded up), or a text
 * that is sent unchanged, e.g. a malformed one.
 */
export type RetryAfter =
  | number
  | string
  | {
      /** Seconds from now. */
      readonly inSeconds: number;
      /** How the date is written. */
      readonly form: HttpDateForm;
    };

/** A fault of a request. Every fault can also have a delay. */
export type Fault = StatusFault | DelayFault | DropFault | BodyFault | RevokedTokenFault;

interface Delayable {
  /** Delay before the fault, in ms on the tenant's clock. */
  readonly delayMs?: number | undefined;
}

/** Returns a status, without the route's work. */
export interface StatusFault extends Delayable {
  readonly kind: 'status';
  /** HTTP status, 200 to 599. */
  readonly status: number;
  readonly retryAfter?: RetryAfter | undefined;
  /** A string is sent unchanged (`text/plain`), anything else as JSON. @defaultValue `{error, message}` */
  readonly body?: unknown;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Responds normally, but late. */
export interface DelayFault {
  readonly kind: 'delay';
  /** Delay before the route's work, in ms on the tenant's clock. */
  readonly delayMs: number;
}

/** Destroys the connection. */
export interface DropFault extends Delayable {
  readonly kind: 'drop';
  /**
   * `before-work`: nothing was done, no response · `before-headers`: the work was done, no response · `mid-body`: the
   * work was done; headers and half of the body arrive.
   */
  readonly at: 'before-work' | 'before-headers' | 'mid-body';
}

/** Does the work and sends a complete response with a corrupted body. */
export interface BodyFault extends Delayable {
  /**
   * `truncated-json`: the first half of the body as a complete response · `invalid-json`: not JSON, despite the content
   * type · `html`: a proxy's page with `text/html` · `empty`: no body.
   */
  readonly kind: 'truncated-json' | 'invalid-json' | 'html' | 'empty';
}

/** Revokes the token of the request before checking it: the response is a 401. */
export interface RevokedTokenFault extends Delayable {
  readonly kind: 'revoked-token';
}

/** A fault, and where and how often it occurs. */
export interface Injection extends FaultTimes {
  /** Requests to hit. @defaultValue all */
  readonly route?: RouteSelector | undefined;
  readonly fault: Fault;
}

const KINDS: Readonly<Record<Fault['kind'], true>> = {
  status: true,
  delay: true,
  drop: true,
  'truncated-json': true,
  'invalid-json': true,
  html: true,
  empty: true,
  'revoked-token': true,
};

/** @internal The faults of an embedded server's requests. */
export class RequestFaults extends ArmedFaults<RecordedRequest, Fault> {
  inject(injection: Injection): InjectedFault {
    checkOptions('inject', injection, { route: true, fault: true, times: true, every: true, skip: true });
    const { route, fault } = injection;
    checkKind('fault', fault, 'an object');
    if (fault.kind === 'status' && !(Number.isInteger(fault.status) && fault.status >= 200 && fault.status <= 599)) {
      throw new ConfigurationError(`fault.status must be an integer from 200 to 599`);
    }
    return this.add(route === undefined ? () => true : routeMatcher(route), injection, KINDS);
  }
}

/** @internal Returns the value of a `Retry-After` header. */
export function formatRetryAfter(retryAfter: RetryAfter, clock: Clock): string {
  if (typeof retryAfter !== 'object') return String(retryAfter);
  return formatHttpDate(new Date(Math.ceil(clock.now() / 1000 + retryAfter.inSeconds) * 1000), retryAfter.form);
}

/** Formats a date in one of the three forms of HTTP, to the second. */
export function formatHttpDate(date: Date, form: HttpDateForm): string {
  const fixdate = date.toUTCString();
  const [, weekday = '', day = '', month = '', year = '', time = ''] =
    /^(\w{3}), (\d\d) (\w{3}) (\d{4}) (\S+) GMT$/.exec(fixdate) ?? [];
  if (form === 'imf-fixdate') return fixdate;
  if (form === 'rfc850') return `${WEEKDAYS[date.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
  return `${weekday} ${month} ${String(date.getUTCDate()).padStart(2)} ${time} ${year}`;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
