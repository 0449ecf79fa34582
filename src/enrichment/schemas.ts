import * as z from 'zod/mini';
import { absentable, anyString, finiteNumber, jsonObject, lenient, listOf } from '../http/internal.js';
import type { CustomerOrder, CustomerProfile, CustomerTicket, EnrichmentRequest } from './types.js';

const MAX_CUSTOMER_NUMBER_LENGTH = 20;

const recordValue = lenient(z.nullable(z.union([anyString, finiteNumber])));

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

const identifier = anyString.check(
  z.refine((value) => value !== '', 'must not be empty'),
  z.refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), 'must not contain control characters or unpaired surrogates'),
  z.refine((value) => value !== '.' && value !== '..', 'must not be a relative path segment'),
);

export const customerId: z.ZodMiniType<string> = identifier;

export const enrichmentRequest: z.ZodMiniType<EnrichmentRequest> = z.object({
  sessionId: anyString.check(z.refine((value) => value !== '', 'must not be empty')),
  customerNumber: identifier.check(
    z.refine(
      (value) => Array.from(value).length <= MAX_CUSTOMER_NUMBER_LENGTH,
      `must be at most ${MAX_CUSTOMER_NUMBER_LENGTH} characters`,
    ),
  ),
  intent: anyString,
  variables: z._default(jsonObject, {}),
});
