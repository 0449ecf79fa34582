export { widgetConfig, type WidgetConfig } from './config.js';
export { createWidgetConfigHandler } from './handler.js';
