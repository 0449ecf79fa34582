import * as z from 'zod/mini';
import { ok } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';

const text = z.optional(z.string());
const custom = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`custom${index + 1}`, text]));

/** @internal Adds what stays empty here: logs, analytics, reports, keys and organizations. */
export function addAnalyticsRoutes(api: ApiRouter): void {
  api.list('/projects/{projectId}/logs', { query: ['type[]', 'userId', 'flowName'] }, () => []);
  api.under('/v2.1', '/new/v2.1').list('/users/me/apikeys', {}, () => []);
  const management = api.under('/management/v2.0', '/new/management/v2.0');
  management.list('/organisations', { role: 'management' }, () => []);
  const insights = api.under('/new/insights/beta');
  insights.list('/steps', { query: ['projectId'] }, () => []);
  insights.on('POST /reports/generate', { body: z.object({ projectId: z.string() }) }, () => ok({ items: [] }));
  api.on('PATCH /analytics', { body: z.strictObject({ sessionId: z.string(), inputId: z.string(), ...custom }) }, () =>
    ok({}),
  );
}
