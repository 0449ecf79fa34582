import { AuthClient, HttpClient, type HttpClientOptions, type Logger } from 'agent-assist-sdk';
import {
  createEnrichmentHandler,
  CustomerDataClient,
  customerDataSources,
  type EnrichmentHandlerOptions,
} from 'agent-assist-sdk/enrichment';
import type { Company } from 'agent-assist-sdk/testing';

/** A client for the stand-in services, with an `AuthClient` of its own. */
export function customerDataClient(company: Company, options: Partial<HttpClientOptions> = {}): CustomerDataClient {
  const { baseUrl, tokenUrl, credentials } = company;
  const auth = new AuthClient({ tokenUrl, ...credentials, scopes: ['customer:read', 'orders:read', 'crm:read'] });
  return new CustomerDataClient(new HttpClient({ baseUrl, auth, ...options }));
}

export const A_DAY_MS = 86_400_000;

export const TICKETS = 'GET /crm/tickets';

/** The proxy in front of the stand-in services. */
export const handlerOf = (company: Company, options: Partial<EnrichmentHandlerOptions> = {}) =>
  createEnrichmentHandler({ sources: customerDataSources(customerDataClient(company)), ...options });

/** The requests that the services received, as method and raw target; those for tokens left out. */
export function asked(company: Company): string[] {
  return company.requests.all
    .filter(({ path }) => path !== '/oauth/token')
    .map(({ method, path, query }) => `${method} ${path}${query.size === 0 ? '' : `?${query.toString()}`}`);
}

export const seedRequest = {
  sessionId: 'sess_8f7a3b2c1d',
  customerNumber: 'CUST-992847',
  intent: 'order_status_inquiry',
  variables: { agentId: 'AGT-442', channel: 'voice' },
};

export const seedAnswer = {
  customerProfile: { customerId: 'CUST-992847', fullName: 'Elena Rostova', segment: 'Premium', lifetimeValue: 12450.0 },
  recentOrders: [
    { orderNumber: 'ORD-88219', status: 'shipped', createdDate: '2024-05-12T14:30:00Z', totalAmount: 249.99 },
  ],
  openTickets: [
    {
      ticketId: 'TKT-4492',
      subject: 'Billing discrepancy on May invoice',
      priority: 'high',
      createdDate: '2024-05-10T09:15:00Z',
    },
  ],
  enrichedPromptContext:
    'Customer: Elena Rostova | Segment: Premium\nRecent Orders: 1 items. Last order: ORD-88219\nOpen Tickets: 1 active cases. Priority: high',
};

export const ENRICH_URL = 'http://proxy.test/api/v1/agent-assist/enrich';

/** Studio's request; `body` is sent as JSON unless it is a string or bytes already. */
export function post(body: unknown = seedRequest, headers: Record<string, string> = {}, signal?: AbortSignal): Request {
  return new Request(ENRICH_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    signal: signal ?? null,
  });
}

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Logger) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export type Json = Record<string, unknown>;

export const json = async (response: Response): Promise<Json> => (await response.json()) as Json;
