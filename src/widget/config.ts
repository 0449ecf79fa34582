import * as z from 'zod/mini';
import { validateOption } from '../http/internal.js';

/** What the desktop widget reads when it starts (protocol 8). */
export interface WidgetConfig {
  /** How many suggestions the panel shows; at least 1. Default 3. */
  readonly maxSuggestions: number;
  /** A suggestion below this is not shown; 0 to 1. Default 0.75. */
  readonly minConfidence: number;
  /** Whether a low sentiment asks for suggestions. Default true. */
  readonly enableSentimentTrigger: boolean;
  /** Whether a keyword asks for suggestions. Default true. */
  readonly enableKeywordTrigger: boolean;
  /** How often the panel is refreshed, in ms; at least 1. Default 2,000. */
  readonly refreshIntervalMs: number;
  /** A suggestion with one of these is not shown. Default: those of the policy of protocol 8. */
  readonly prohibitedPhrases: readonly string[];
}

const count = z.int().check(z.gte(1));

export const widgetConfigSchema: z.ZodMiniType<WidgetConfig> = z.strictObject({
  maxSuggestions: z._default(count, 3),
  minConfidence: z._default(z.number().check(z.gte(0), z.lte(1)), 0.75),
  enableSentimentTrigger: z._default(z.boolean(), true),
  enableKeywordTrigger: z._default(z.boolean(), true),
  refreshIntervalMs: z._default(count, 2000),
  prohibitedPhrases: z._default(
    z.array(z.string().check(z.refine((phrase) => phrase.trim() !== '', 'must not be blank'))),
    ['guarantee full refund', 'legal action', 'sue the company'],
  ),
});

/**
 * A whole widget configuration, defaults filled in.
 *
 * @throws `ConfigurationError` that names every wrong entry, unknown ones included.
 */
export function widgetConfig(config: Partial<WidgetConfig> = {}): WidgetConfig {
  return validateOption(widgetConfigSchema, config, 'widget configuration');
}
