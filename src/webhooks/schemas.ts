import * as z from '../schema.js';
import { WebhookPayloadError, type Issue } from '../errors.js';
import {
  absentable,
  anyString,
  filledList,
  filledString,
  flag,
  isIsoMoment,
  listOf,
  toIssues,
  withDefault,
  safeParse,
} from '../http/internal.js';
import { parseJson } from '../json.js';
import { secretBytes } from './secrets.js';
import type { WebhookEvent, WebhookEventMap, WebhookRegistration, WebhookRegistrationRequest } from './types.js';

const isUsableSecret = (secret: string): boolean => (secretBytes(secret)?.length ?? 0) > 0;

/** A registration on the wire, without its URL, which {@link assertWebhookTarget} checks. */
export const registrationBody: z.Schema<
  Omit<WebhookRegistrationRequest, 'url' | 'secret'> & { readonly secret: string }
> = z.object({
  events: filledList(filledString),
  secret: z.refine(anyString, isUsableSecret, 'expected whsec_ and base64, as from generateWebhookSecret()'),
  active: withDefault(flag, true),
});

/** The response to a registration. Some tenants send an empty body. */
export const registrationAnswer: z.Schema<WebhookRegistration> = z.map(
  z.optional(
    z.looseObject({
      id: absentable(anyString),
      url: absentable(anyString),
      events: absentable(listOf(anyString)),
      active: absentable(flag),
    } satisfies z.Fields<WebhookRegistration>),
  ),
  (answer): WebhookRegistration => {
    const registration: Record<string, unknown> = { ...answer };
    delete registration['secret'];
    return registration;
  },
);

/** The body of every webhook (protocol 10). `data` is checked by its type. */
export const webhookEventBody: z.Schema<WebhookEvent> = z.looseObject({
  type: filledString,
  timestamp: z.refine(anyString, isIsoMoment, 'expected ISO 8601 with Z or an offset'),
  data: z.custom((data) => data !== undefined, 'is missing'),
});

type WireData = Readonly<Record<string, unknown>>;
/** Types by the names of fields, which are in snake case or camel case on the wire. */
type Fields = Readonly<Record<string, 'string' | 'number'>>;
/** A type for each field that the data of an event names. */
type FieldsOf<Data> = { readonly [Name in keyof Data as string extends Name ? never : Name]-?: 'string' | 'number' };

/** The events with typed data. */
const DATA_FIELDS: { readonly [Type in keyof WebhookEventMap]: FieldsOf<WebhookEventMap[Type]['data']> } = {
  'sentiment.calibration.updated': { jobId: 'string', status: 'string' },
  'agentassist.alert.triggered': {
    interactionId: 'string',
    emotion: 'string',
    confidence: 'number',
    threshold: 'number',
    directive: 'string',
  },
};

/** The types of the events that are known. A tenant may have others. */
export const KNOWN_EVENTS: readonly string[] = Object.keys(DATA_FIELDS);
const fieldsOf = new Map<string, Fields>(Object.entries(DATA_FIELDS));

/** Renames known fields. Leaves out those that are null or of another type; the latter with an issue. */
function mapData(data: WireData, fields: Fields, issues: Issue[]): WireData {
  const entries: [string, unknown][] = [];
  for (const [wireName, value] of Object.entries(data)) {
    const name = wireName.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined) entries.push([wireName, value]);
    else if (typeof value === type) entries.push([name, value]);
    else if (value !== null) issues.push({ path: `data.${wireName}`, message: `expected ${type}` });
  }
  return Object.fromEntries(entries);
}

/**
 * Parses the body of a verified webhook. Only the fields that every event has are required. A known field of `data`
 * with another type becomes absent.
 *
 * @returns the event, and the fields of its data that were left out as invalid.
 * @throws {@link WebhookPayloadError}
 */
export function parseEvent(body: Uint8Array): { readonly event: WebhookEvent; readonly issues: readonly Issue[] } {
  const json = parseJson(body, (message) => new WebhookPayloadError([{ path: '', message }]));
  const result = safeParse(webhookEventBody, json);
  if (!result.success) throw new WebhookPayloadError(toIssues(result));
  const event: WebhookEvent = result.data;
  const fields = fieldsOf.get(event.type);
  if (fields === undefined) return { event, issues: [] };
  if (typeof event.data !== 'object' || event.data === null || Array.isArray(event.data)) {
    throw new WebhookPayloadError([{ path: 'data', message: 'expected object' }]);
  }
  const issues: Issue[] = [];
  const data = mapData(event.data as WireData, fields, issues);
  return { event: { ...event, data }, issues };
}
