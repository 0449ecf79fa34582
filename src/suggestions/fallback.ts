import type { Suggestion } from './schemas.js';

/** What the agent sees when the platform gives nothing, so that the panel is never blank (protocol 8). */
export const fallbackSuggestions: readonly Suggestion[] = [
  { text: 'I understand your concern. Let me connect you with a specialist.', confidence: 0.85 },
  { text: 'Would you like me to explain our resolution options?', confidence: 0.8 },
];
