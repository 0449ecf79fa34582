import * as z from 'zod/mini';
import { defaultPlaybook, suggestionsFor, type PlaybookRule, type TenantSuggestion } from '../fixtures/playbook.js';
import { ok, type Router } from '../server/router.js';
import type { SuggestRequest } from '../../suggestions/types.js';
import { checkKind } from '../../options.js';

/** Returns the tenant's suggestions. */
export type SuggestionRule = (question: SuggestRequest) => readonly TenantSuggestion[];

// Written from protocol 4, on purpose without the SDK's own schema: a misreading shared by both would prove nothing.
const suggestBody: z.ZodMiniType<SuggestRequest> = z.strictObject({
  interactionId: z.string().check(z.minLength(1)),
  transcript: z.string(),
  sentimentScore: z.optional(z.number()),
  context: z.optional(z.record(z.string(), z.unknown())),
});

/** The tenant's suggestions. */
export class TenantSuggestions {
  #answer: SuggestionRule = (question) => suggestionsFor(question, defaultPlaybook);
  #asked = 0;

  /** @internal */
  constructor(router: Router) {
    router.on('POST /api/v1/agentassist/suggest', { scope: 'agentassist:read', body: suggestBody }, ({ body }) => {
      this.#asked += 1;
      return ok({ suggestions: this.#answer(body) });
    });
  }

  /** Number of answered requests. */
  get asked(): number {
    return this.#asked;
  }

  /** Answers from another playbook, or with a custom function. */
  answerWith(rules: readonly PlaybookRule[] | SuggestionRule): void {
    checkKind('rules', rules, 'a function or a list of objects');
    this.#answer = typeof rules === 'function' ? rules : (question) => suggestionsFor(question, rules);
  }
}
