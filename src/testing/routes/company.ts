import { found, HttpProblem } from '../server/problem.js';
import { ok, type RouteContext, type Router } from '../server/router.js';

/** A customer's records in the company's services, returned unchanged. */
export interface CompanyCustomer {
  /** Response of `GET /api/v1/customers/{id}`; without it, the route answers 404. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  /** Orders, newest first, each with a `createdDate`. @defaultValue none */
  readonly orders?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Open tickets. @defaultValue none */
  readonly openTickets?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

const ELENA: CompanyCustomer = {
  profile: { customerId: 'CUST-992847', fullName: 'Elena Rostova', segment: 'Premium', lifetimeValue: 12450 },
  orders: [{ orderNumber: 'ORD-88219', status: 'shipped', createdDate: '2024-05-12T14:30:00Z', totalAmount: 249.99 }],
  openTickets: [
    {
      ticketId: 'TKT-4492',
      subject: 'Billing discrepancy on May invoice',
      priority: 'high',
      createdDate: '2024-05-10T09:15:00Z',
    },
  ],
};

/** Adds the three services of protocol 9 and returns the customers that they know, by identifier. */
export function addCompanyRoutes(router: Router): Map<string, CompanyCustomer> {
  const customers = new Map([['CUST-992847', ELENA]]);
  router.on('GET /api/v1/customers/{customerId}', { scope: 'customer:read' }, ({ params }) => {
    const { profile } = customers.get(params['customerId'] ?? '') ?? {};
    return ok(found(profile, 'customer'));
  });
  router.on('GET /api/v1/orders', { scope: 'orders:read' }, (context) => {
    const orders = customers.get(queryValue(context, 'customerId', /./su))?.orders ?? [];
    const limit = Number(queryValue(context, 'limit', /^[1-9]\d{0,2}$/));
    queryValue(context, 'sort', /^createdDesc$/);
    return ok({ items: orders.slice(0, limit), total: orders.length });
  });
  router.on('GET /api/v1/crm/tickets', { scope: 'crm:read' }, (context) => {
    const tickets = customers.get(queryValue(context, 'customerId', /./su))?.openTickets ?? [];
    queryValue(context, 'status', /^open$/);
    return ok({ tickets, page: 1, pageCount: 1 });
  });
  return customers;
}

/** Returns a query parameter that must be present once and match a pattern. */
function queryValue({ query }: RouteContext, name: string, expected: RegExp): string {
  const [value = '', ...more] = query.getAll(name);
  if (more.length > 0 || !expected.test(value)) {
    throw new HttpProblem(422, 'invalid_query', undefined, {
      issues: [{ path: name, message: 'missing, repeated or malformed' }],
    });
  }
  return value;
}
