/**
 * The desktop widget's configuration.
 *
 * Guide: [Suggestions](../../docs/suggestions.md).
 *
 * @module agent-assist-sdk/widget
 */

export { createWidgetConfigHandler, type WidgetConfig } from './handler.js';
