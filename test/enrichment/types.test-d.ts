import type * as z from 'zod/mini';
import { describe, expectTypeOf, it } from 'vitest';
import {
  customerDataSources,
  enrich,
  type CustomerDataClient,
  type CustomerOrder,
  type CustomerProfile,
  type CustomerTicket,
  type EnrichmentInput,
  type EnrichmentRequest,
} from 'agent-assist-sdk/enrichment';
import type { customerProfile, enrichmentRequest, openTickets, recentOrders } from '../../src/enrichment/schemas.js';

declare const client: CustomerDataClient;
declare const request: EnrichmentInput;

describe('public types', () => {
  it('equal what their schemas yield', () => {
    expectTypeOf<z.output<typeof customerProfile>>().toEqualTypeOf<CustomerProfile>();
    expectTypeOf<z.output<typeof recentOrders>>().toEqualTypeOf<readonly CustomerOrder[]>();
    expectTypeOf<z.output<typeof openTickets>>().toEqualTypeOf<readonly CustomerTicket[]>();
    expectTypeOf<z.output<typeof enrichmentRequest>>().toEqualTypeOf<EnrichmentRequest>();
  });
});

describe('the data of an enrichment', () => {
  it('has the types of its sources', async () => {
    const { data } = await enrich(
      {
        ...customerDataSources(client),
        score: { load: () => Promise.resolve(1) },
        tags: { load: () => Promise.resolve(['a']), empty: [] },
      },
      request,
    );
    expectTypeOf(data.customerProfile).toEqualTypeOf<CustomerProfile>();
    expectTypeOf(data.recentOrders).toEqualTypeOf<readonly CustomerOrder[]>();
    expectTypeOf(data.openTickets).toEqualTypeOf<readonly CustomerTicket[]>();
    expectTypeOf(data.score).toEqualTypeOf<number | null>();
    expectTypeOf(data.tags).toEqualTypeOf<string[]>();
    expectTypeOf(data).not.toHaveProperty('missing');
  });
});
