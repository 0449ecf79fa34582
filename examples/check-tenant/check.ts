import { NotFoundError, NotSupportedError, type Platform } from 'agent-assist-sdk';
import { reasonOf } from '../shared/program.ts';

/** One capability, and how to try it without changing anything. */
export interface Check {
  /** Name of the capability. */
  readonly name: string;
  /** What the check sends, or why it sends nothing. */
  readonly sends: string;
  /**
   * Tries the capability, and returns what it found. Absent if it cannot be tried without a change. If it throws, the
   * capability is refused for that reason, except for a {@link NotTried}.
   */
  readonly run?: ((signal: AbortSignal) => Promise<string>) | undefined;
}

/** A tenant and its checks. */
export interface Tenant extends AsyncDisposable {
  readonly title: string;
  readonly checks: readonly Check[];
  /** The calls that the platform does not have. */
  readonly platform: Pick<Platform, 'unsupported'>;
  /** Values that must not appear in the output. */
  readonly secrets: readonly string[];
}

/** Why a capability was not tried, e.g. because a variable is not set. */
export class NotTried extends Error {}

/** Result of a check. */
export interface Finding {
  readonly name: string;
  readonly state: 'works' | 'granted' | 'refused' | 'unavailable' | 'not tried';
  readonly detail: string;
}

/** Marks a permission that was checked without using it, since using it would change something. */
export const GRANTED = 'granted: ';

/** Time limit of each check in ms, so that a tenant is checked within ten minutes. */
const CHECK_MS = 20_000;

/** Tries one capability. */
export async function tried({ name, sends, run }: Check, stop: AbortSignal): Promise<Finding> {
  if (run === undefined) return { name, state: 'not tried', detail: sends };
  const limit = AbortSignal.timeout(CHECK_MS);
  try {
    const detail = await run(AbortSignal.any([stop, limit]));
    return detail.startsWith(GRANTED)
      ? { name, state: 'granted', detail: detail.slice(GRANTED.length) }
      : { name, state: 'works', detail: `${detail} (${sends})` };
  } catch (error) {
    stop.throwIfAborted();
    if (limit.aborted) return { name, state: 'refused', detail: `no answer within ${CHECK_MS / 1000} s` };
    if (error instanceof NotTried) return { name, state: 'not tried', detail: error.message };
    if (error instanceof NotSupportedError) return { name, state: 'unavailable', detail: error.instead };
    return { name, state: error instanceof NotFoundError ? 'unavailable' : 'refused', detail: reasonOf(error) };
  }
}

/** The clients' calls, by the names that platforms refuse them under. */
const CALLS: Readonly<Record<string, string>> = {
  insights: 'InsightsClient.push',
  feedback: 'InsightsClient.feedback',
  calibration: 'CalibrationClient',
  webhooks: 'WebhooksClient',
  calibrationAudit: 'AuditClient',
  botVersions: 'SimulationClient.listVersions',
  environment: 'SimulationClient.getEnvironment',
  simulations: 'SimulationClient',
  customer: 'CustomerDataClient.getProfile',
  customerOrders: 'CustomerDataClient.listRecentOrders',
  customerTickets: 'CustomerDataClient.listOpenTickets',
};

/** Returns the calls that the platform does not have and this package does not replace. */
export function unavailable({ unsupported = {} }: Pick<Platform, 'unsupported'>, subpath: string): Finding[] {
  return Object.entries(CALLS).flatMap(([call, name]) => {
    const advice = unsupported[call as keyof typeof unsupported];
    if (advice === undefined || advice.includes(`agent-assist-sdk/${subpath}`)) return [];
    return [{ name, state: 'unavailable' as const, detail: advice }];
  });
}

/** Returns the value of a variable that a check needs. */
export function needed(value: string | undefined, name: string): string {
  if (value === undefined) throw new NotTried(`set ${name}`);
  return value;
}
