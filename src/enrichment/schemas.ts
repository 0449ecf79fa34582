import * as z from '../schema.js';
import {
  absentable,
  anyString,
  checkedBy,
  filledString,
  jsonObject,
  lenient,
  listOf,
  withDefault,
} from '../http/internal.js';
import type { CustomerOrder, CustomerProfile, CustomerTicket, EnrichmentRequest } from './types.js';

const MAX_CUSTOMER_NUMBER_LENGTH = 20;

const recordValue = lenient(
  z.nullable(
    checkedBy<string | number>(
      (value) => typeof value === 'string' || Number.isFinite(value),
      'expected string or number',
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ),
  ),
);

export const customerProfile: z.Schema<CustomerProfile> = z.looseObject({
  customerId: recordValue,
  fullName: recordValue,
  segment: recordValue,
} satisfies z.Fields<CustomerProfile>);

const customerOrder = z.looseObject({
  orderNumber: recordValue,
  status: recordValue,
  createdDate: recordValue,
} satisfies z.Fields<CustomerOrder>);

const customerTicket = z.looseObject({
  ticketId: recordValue,
  subject: recordValue,
  priority: recordValue,
  createdDate: recordValue,
} satisfies z.Fields<CustomerTicket>);

export const recentOrders: z.Schema<readonly CustomerOrder[]> = z.map(
  z.looseObject({ items: absentable(listOf(customerOrder)) }),
  ({ items }) => items ?? [],
);

export const openTickets: z.Schema<readonly CustomerTicket[]> = z.map(
  z.looseObject({ tickets: absentable(listOf(customerTicket)) }),
  ({ tickets }) => tickets ?? [],
);

const printable = z.refine(
  filledString,
  (value) => !/[\p{Cc}\p{Cs}]/u.test(value),
  'must not contain control characters or unpaired surrogates',
);
export const customerId: z.Schema<string> = z.refine(
  printable,
  (value) => value !== '.' && value !== '..',
  'must not be a relative path segment',
);

export const enrichmentRequest: z.Schema<EnrichmentRequest> = z.object({
  sessionId: filledString,
  customerNumber: z.refine(
    customerId,
    (value) => Array.from(value).length <= MAX_CUSTOMER_NUMBER_LENGTH,
    `must be at most ${MAX_CUSTOMER_NUMBER_LENGTH} characters`,
  ),
  intent: anyString,
  variables: withDefault(jsonObject, {}),
} satisfies z.Fields<EnrichmentRequest>);
