import * as z from 'zod/mini';
import { HttpClient, NotFoundError, type AuthProvider } from 'agent-assist-sdk';
import type { CustomerProfile, SourceWithEmpty } from 'agent-assist-sdk/enrichment';

/** A customer of CXone's digital channels, with the fields of a prompt. */
const customer = z.looseObject({
  fullName: z.nullish(z.string()),
  customFields: z.nullish(z.array(z.looseObject({ ident: z.string(), value: z.nullish(z.string()) }))),
});

/**
 * The profile comes from CXone's digital channels (DFO). Orders and tickets are in your own systems: add their sources.
 */
export const cxoneTemplate =
  'Customer: {customerProfile.fullName|Unknown} | Segment: {customerProfile.segment|Standard}';

/** The customers of CXone's digital channels as a source; the segment is a custom field of that name. */
export function cxoneCustomers(
  dfoUrl: string,
  auth: AuthProvider,
  fetcher: typeof fetch | undefined,
): { readonly customerProfile: SourceWithEmpty<CustomerProfile> } {
  const http = new HttpClient({ baseUrl: dfoUrl, auth, fetch: fetcher });
  return {
    customerProfile: {
      empty: {},
      load: async ({ customerNumber }, { signal, remainingMs }) => {
        const path = '/dfo/3.0/customers/{customerNumber}';
        const call = { method: 'GET', path, pathParams: { customerNumber }, response: customer } as const;
        try {
          const { fullName, customFields } = await http.request(call, {
            signal,
            totalTimeoutMs: Math.max(1, remainingMs()),
          });
          const segment = customFields?.find(({ ident }) => ident === 'segment')?.value;
          return { customerId: customerNumber, fullName: fullName ?? undefined, segment: segment ?? undefined };
        } catch (error) {
          if (error instanceof NotFoundError) return {};
          throw error;
        }
      },
    },
  };
}
