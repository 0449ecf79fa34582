/**
 * The desktop widget's configuration.
 *
 * Guide: [Suggestions](../../docs/suggestions.md).
 *
 * @module agent-assist-sdk/widget
 */

export type { WidgetConfig } from './config.js';
export { createWidgetConfigHandler } from './handler.js';
