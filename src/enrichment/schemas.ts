import * as z from 'zod/mini';
import { absentable, jsonObject, lenient, listOf } from '../http/internal.js';

/** A value of a company's record that is printed as it is. */
export type RecordValue = string | number | null;

/** A customer's record (protocol 9). Fields beside these are kept. */
export interface CustomerProfile {
  /** The customer's identifier. */
  readonly customerId?: RecordValue | undefined;
  /** The customer's whole name. */
  readonly fullName?: RecordValue | undefined;
  /** The customer's segment, e.g. `Premium`. */
  readonly segment?: RecordValue | undefined;
  /** Whatever else the service says. */
  readonly [field: string]: unknown;
}

/** One order (protocol 9). Fields beside these are kept. */
export interface CustomerOrder {
  /** The order's number. */
  readonly orderNumber?: RecordValue | undefined;
  /** Where the order stands, e.g. `shipped`. */
  readonly status?: RecordValue | undefined;
  /** When it was placed, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  /** Whatever else the service says. */
  readonly [field: string]: unknown;
}

/** One ticket of the CRM (protocol 9). Fields beside these are kept. */
export interface CustomerTicket {
  /** The ticket's identifier. */
  readonly ticketId?: RecordValue | undefined;
  /** What the ticket is about. */
  readonly subject?: RecordValue | undefined;
  /** The ticket's priority, e.g. `high`. */
  readonly priority?: RecordValue | undefined;
  /** When it was opened, ISO 8601. */
  readonly createdDate?: RecordValue | undefined;
  /** Whatever else the service says. */
  readonly [field: string]: unknown;
}

/** What Cognigy Studio's HTTP action posts (protocol 9). */
export interface EnrichmentInput {
  /** Studio's session; not empty. */
  readonly sessionId: string;
  /**
   * The customer: 1 to 20 characters, counted as Unicode code points. Control characters, halves of surrogate pairs and
   * the path segments `.` and `..` are refused.
   */
  readonly customerNumber: string;
  /** The intent that the bot recognized; may be empty. */
  readonly intent: string;
  /** The session's variables. Default none. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** An {@link EnrichmentInput} that passed its rules, as sources get it. */
export interface EnrichmentRequest extends EnrichmentInput {
  /** The session's variables; empty when the input has none. */
  readonly variables: Readonly<Record<string, unknown>>;
}

const MAX_CUSTOMER_NUMBER_LENGTH = 20;

const recordValue = lenient(z.nullable(z.union([z.string(), z.number()])));

export const customerProfile: z.ZodMiniType<CustomerProfile> = z.looseObject({
  customerId: recordValue,
  fullName: recordValue,
  segment: recordValue,
});

const customerOrder = z.looseObject({ orderNumber: recordValue, status: recordValue, createdDate: recordValue });

const customerTicket = z.looseObject({
  ticketId: recordValue,
  subject: recordValue,
  priority: recordValue,
  createdDate: recordValue,
});

export const recentOrders: z.ZodMiniType<readonly CustomerOrder[]> = z.pipe(
  z.looseObject({ items: absentable(listOf(customerOrder)) }),
  z.transform(({ items }) => items ?? []),
);

export const openTickets: z.ZodMiniType<readonly CustomerTicket[]> = z.pipe(
  z.looseObject({ tickets: absentable(listOf(customerTicket)) }),
  z.transform(({ tickets }) => tickets ?? []),
);

const identifier = z.string().check(
  z.refine((value) => value !== '', 'must not be empty'),
  z.refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), 'must not contain control characters or unpaired surrogates'),
  z.refine((value) => value !== '.' && value !== '..', 'must not be a relative path segment'),
);

export const customerId: z.ZodMiniType<string> = identifier;

export const positiveInteger: z.ZodMiniType<number> = z.int().check(z.minimum(1));

export const enrichmentRequest: z.ZodMiniType<EnrichmentRequest> = z.object({
  sessionId: z.string().check(z.refine((value) => value !== '', 'must not be empty')),
  customerNumber: identifier.check(
    z.refine(
      (value) => Array.from(value).length <= MAX_CUSTOMER_NUMBER_LENGTH,
      `must be at most ${MAX_CUSTOMER_NUMBER_LENGTH} characters`,
    ),
  ),
  intent: z.string(),
  variables: z._default(jsonObject, {}),
});
