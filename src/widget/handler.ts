import * as z from '../schema.js';
import {
  anyString,
  checkRequest,
  flag,
  integerFrom,
  numberFrom,
  validateOption,
  withDefault,
} from '../http/internal.js';
import { PROHIBITED_PHRASES } from '../text.js';

/** The widget's configuration, fetched when it starts (protocol 8). */
export interface WidgetConfig {
  /** Limit of suggestions in the panel, at least 1. @defaultValue 3 */
  readonly maxSuggestions: number;
  /** A suggestion below this is not shown; 0 to 1. @defaultValue 0.75 */
  readonly minConfidence: number;
  /** Whether a low sentiment requests suggestions. @defaultValue true */
  readonly enableSentimentTrigger: boolean;
  /** Whether a keyword requests suggestions. @defaultValue true */
  readonly enableKeywordTrigger: boolean;
  /** Refresh interval of the panel in ms, at least 1. @defaultValue 2,000 */
  readonly refreshIntervalMs: number;
  /** A suggestion that contains one of these is not shown. @defaultValue those of the policy of protocol 8 */
  readonly prohibitedPhrases: readonly string[];
}

const count = integerFrom(1);

export const widgetConfigSchema: z.Schema<WidgetConfig> = z.strictObject({
  maxSuggestions: withDefault(count, 3),
  minConfidence: withDefault(numberFrom(0, 1), 0.75),
  enableSentimentTrigger: withDefault(flag, true),
  enableKeywordTrigger: withDefault(flag, true),
  refreshIntervalMs: withDefault(count, 2000),
  prohibitedPhrases: withDefault<readonly string[]>(
    z.array(z.refine(anyString, (phrase) => phrase.trim() !== '', 'must not be blank')),
    PROHIBITED_PHRASES,
  ),
});

const PATH = '/api/widget/config';

/**
 * Serves the widget configuration at `GET /api/widget/config`: a request handler for Node (by an adapter), Bun, Deno,
 * workers and any framework that uses `Request` and `Response`. It does not authenticate, since the widget has no
 * credentials: restrict access at the gateway. Other methods get a 405, other paths a 404.
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
export function createWidgetConfigHandler(config: Partial<WidgetConfig> = {}): (request: Request) => Promise<Response> {
  const body = JSON.stringify(validateOption(widgetConfigSchema, config, 'widget configuration'));
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is a rejection
  return async (request) => {
    checkRequest(request);
    if (new URL(request.url).pathname !== PATH) return Response.json({ error: 'Not found' }, { status: 404 });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return Response.json({ error: 'Method not allowed' }, { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
    return new Response(request.method === 'HEAD' ? null : body, { headers });
  };
}
