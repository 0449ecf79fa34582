import * as z from 'zod/mini';
import type { ApiRouter } from '../server/api-router.js';

const text = z.optional(z.string());
const custom = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`custom${index + 1}`, text]));

/** @internal Adds what stays empty here: logs, analytics, reports, keys and organizations. */
export function addAnalyticsRoutes(api: ApiRouter): void {
  api.list({ path: '/projects/{projectId}/logs', query: ['type[]', 'userId', 'flowName'], items: () => [] });
  api.list({ path: '/steps', bases: ['/new/insights/beta'], query: ['projectId'], items: () => [] });
  api.list({ path: '/users/me/apikeys', bases: ['/v2.1', '/new/v2.1'], items: () => [] });
  api.list({
    path: '/organisations',
    bases: ['/management/v2.0', '/new/management/v2.0'],
    role: 'management',
    items: () => [],
  });
  api.add({
    method: 'POST',
    path: '/reports/generate',
    bases: ['/new/insights/beta'],
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
