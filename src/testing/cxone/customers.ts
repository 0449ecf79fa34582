import { found } from '../server/problem.js';
import { ok, type Router } from '../server/router.js';

/** A customer of the digital channels (DFO), returned unchanged. */
export interface CxoneCustomer {
  readonly id: string;
  readonly fullName: string;
  /** Fields that the company added, e.g. `{ ident: 'segment', value: 'Premium' }`. */
  readonly customFields?:
    | readonly {
        /** Name of the field. */
        readonly ident: string;
        readonly value: string;
      }[]
    | undefined;
  readonly [field: string]: unknown;
}

/** Adds `GET /dfo/3.0/customers` and `/{id}`; returns the customers, by id. */
export function addCustomerRoutes(router: Router): Map<string, CxoneCustomer> {
  const elena: CxoneCustomer = {
    id: 'CUST-992847',
    updatedAt: '2026-01-01T00:00:00Z',
    firstName: 'Elena',
    surname: 'Rostova',
    fullName: 'Elena Rostova',
    customFields: [{ ident: 'segment', value: 'Premium' }],
    identities: [{ idOnExternalPlatform: 'elena-1', firstName: 'Elena', lastName: 'Rostova', nickname: null }],
    messageStatistics: { inbound: 3, outbound: 2 },
    sentimentStatistics: { positive: 1, neutral: 1, negative: 1 },
  };
  const customers = new Map([[elena.id, elena]]);
  router.on('GET /dfo/3.0/customers', { scope: 'openid' }, ({ query }) => {
    const name = /fullName LIKE (.+)$/.exec(query.get('query') ?? '')?.[1]?.replace(/^["'%]+|["'%]+$/g, '') ?? '';
    const found = [...customers.values()].filter(({ fullName }) => fullName.toLowerCase().includes(name.toLowerCase()));
    const limit = Number(query.get('limit') ?? query.get('size') ?? 25);
    return ok({ hits: found.length, data: found.slice(0, limit) });
  });
  router.on('GET /dfo/3.0/customers/{id}', { scope: 'openid' }, ({ params }) =>
    ok(found(customers.get(params['id'] ?? ''), 'Customer')),
  );
  return customers;
}
