import * as z from 'zod/mini';
import type { ApiRouter } from '../server/api-router.js';

const text = z.optional(z.string());
const custom = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`custom${index + 1}`, text]));

/** @internal Adds what stays empty here: logs, analytics, reports, keys and organizations. */
export function addAnalyticsRoutes(api: ApiRouter): void {
  api.list({ path: '/projects/{projectId}/logs', query: ['type[]', 'userId', 'flowName'], items: () => [] });
  api.under('/v2.1', '/new/v2.1').list({ path: '/users/me/apikeys', items: () => [] });
  const management = api.under('/management/v2.0', '/new/management/v2.0');
  management.list({ path: '/organisations', role: 'management', items: () => [] });
  const insights = api.under('/new/insights/beta');
  insights.list({ path: '/steps', query: ['projectId'], items: () => [] });
  insights.add({
    method: 'POST',
    path: '/reports/generate',
    body: z.object({ projectId: z.string() }),
    handle: () => ({ status: 200, json: { items: [] } }),
  });
  api.add({
    method: 'PATCH',
    path: '/analytics',
    body: z.strictObject({ sessionId: z.string(), inputId: z.string(), ...custom }),
    handle: () => ({ status: 200, json: {} }),
  });
}
