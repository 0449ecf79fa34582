import { widgetConfig, type WidgetConfig } from './config.js';

const PATH = '/api/widget/config';

/**
 * Serves the widget configuration at `GET /api/widget/config`: a request handler for Node (by an adapter), Bun, Deno,
 * workers and any framework that speaks `Request` and `Response`. Asks for no credentials, since the widget has none:
 * restrict access at the gateway. Other methods are answered 405, other paths 404.
 *
 * @throws `ConfigurationError` that names every wrong entry.
 * @example
 * ```ts
 * import { createWidgetConfigHandler } from 'agent-assist-sdk/widget';
 *
 * const handler = createWidgetConfigHandler({ maxSuggestions: 5 });
 * const response = await handler(new Request('http://127.0.0.1/api/widget/config'));
 * ```
 */
export function createWidgetConfigHandler(config?: Partial<WidgetConfig>): (request: Request) => Promise<Response> {
  const body = JSON.stringify(widgetConfig(config));
  const answer = (request: Request): Response => {
    if (new URL(request.url).pathname !== PATH) return Response.json({ error: 'Not found' }, { status: 404 });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return Response.json({ error: 'Method not allowed' }, { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
    return new Response(request.method === 'HEAD' ? null : body, { headers });
  };
  return (request) => Promise.resolve(answer(request));
}
