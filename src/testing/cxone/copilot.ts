import * as z from 'zod/mini';
import { keepLatest } from '../server/kept.js';
import { HttpProblem } from '../server/problem.js';
import { ok, type Router, type RouteTarget } from '../server/router.js';
import { defaultPlaybook, suggestionsFor } from '../fixtures/playbook.js';
import type { TenantKnowledge } from '../routes/knowledge.js';
import { TENANT_ID, USER, type Services } from './account.js';
import type { CopilotElement } from './feed.js';
import { AGENTIC_PATH } from './notifications.js';
import { checkKind } from '../../options.js';

/** An agent's question for Copilot. */
export interface CopilotQuestion {
  readonly contactId: string;
  readonly query: string;
}

/** Feedback on an answer from the knowledge base. */
export interface KnowledgeFeedback {
  readonly contactId: string;
  /** Id of the utterance that was answered. */
  readonly utteranceId: string;
  readonly kbAnswerUid: string;
  /** 1 for a like, 2 for a dislike. */
  readonly valueEnum: 1 | 2;
  readonly tagEnum?: string | null | undefined;
  readonly comment?: string | null | undefined;
}

/** Returns the cards that answer a question. */
export type CopilotRule = (question: CopilotQuestion) => readonly CopilotElement[];

/** Both prefixes of the paths: that of 26.2 and the one before. */
const PREFIXES = ['agent-copilot', 'agentcopilotapi'];

// Written from the published facts, on purpose without the SDK's own schemas.
const common = { contactId: z.string().check(z.minLength(1)), idToken: z.string() };
const anyBody = z.looseObject(common);
const searchBody = z.looseObject({
  ...common,
  agentAssistQueryConfig: z.looseObject({}),
  query: z.string().check(z.minLength(1)),
  agentUUID: z.string(),
});
const feedbackBody = z.looseObject({
  ...common,
  feedbacks: z.array(
    z.looseObject({
      contactId: z.string(),
      utteranceId: z.string(),
      kbAnswerUid: z.string(),
      valueEnum: z.union([z.literal(1), z.literal(2)]),
      tagEnum: z.nullish(z.string()),
      comment: z.nullish(z.string()),
    }),
  ),
});

function cardsFor({ query }: CopilotQuestion, knowledge: TenantKnowledge, number: number): readonly CopilotElement[] {
  const [best] = knowledge.search(query, 'en-US');
  const said = suggestionsFor({ transcript: query }, defaultPlaybook).map(({ text }) => text);
  const nextBest = { type: 'nextBestResponse', bestResponse: said };
  const replies = { contentType: 'nextBestResponse', cardType: 'Text', objectId: `nbr-${number}`, content: nextBest };
  if (best === undefined) return [replies];
  const { id, title, body } = best.article;
  const kbAnswers = { title, description: body.replace(/<[^>]*>/g, ''), kbAnswerUid: id };
  const content = { kbAnswers, utteranceId: `utterance-${number}` };
  return [{ contentType: 'kbCombo', cardType: 'AdaptiveCard', objectId: `kb-${number}`, content }, replies];
}

/** @internal What Copilot's routes work with. */
export interface CopilotServices extends Services {
  readonly knowledge: TenantKnowledge;
  sendCards(contactId: string, elements: readonly CopilotElement[]): void;
}

type Body = z.infer<typeof anyBody>;

/**
 * Copilot: its answers on the socket, and the feedback it received. It is called under both prefixes; each POST and PUT
 * must carry the contact and an id token of this tenant.
 */
export class CxoneCopilot {
  readonly #feedback: KnowledgeFeedback[] = [];
  #answer: CopilotRule;
  #asked = 0;

  /** @internal */
  constructor(router: Router, services: CopilotServices) {
    this.#answer = (question) => cardsFor(question, services.knowledge, this.#asked);
    const add = <B extends Body>(target: RouteTarget, body: z.ZodMiniType<B>, answer: (body: B) => unknown): void => {
      const options = { scope: 'openid', body, invalidBodyStatus: 400 } as const;
      for (const prefix of PREFIXES) {
        router.on<B>(target.replace(' ', ` /${prefix}/`) as RouteTarget, options, (context) => {
          if (services.idTokens.has(context.body.idToken)) return ok(answer(context.body));
          throw new HttpProblem(401, 'unauthorized', 'idToken is not a valid id token');
        });
      }
    };
    add('POST v1/agent-search', searchBody, ({ contactId, query }) => {
      this.#asked += 1;
      const elements = this.#answer({ contactId, query });
      // The acknowledgement leaves first; the cards come on the socket.
      if (elements.length > 0) setImmediate(() => services.sendCards(contactId, elements));
      const ids = { connectionId: `connection-${this.#asked}`, tokenId: `token-${this.#asked}` };
      return { agentId: USER.agentId, contactId, ...ids, tenantId: TENANT_ID };
    });
    add('POST v1/interaction-feedback/kbAnswers', feedbackBody, ({ feedbacks }) => {
      for (const feedback of feedbacks) keepLatest(this.#feedback, feedback);
      return {};
    });
    add('POST v1/final-summary', anyBody, ({ contactId }) => {
      const content = { summary: 'The contact was handled.' };
      const kind = { contentType: 'finalSummaryNotes', cardType: 'finalSummary' };
      setImmediate(() => services.sendCards(contactId, [{ ...kind, objectId: `summary-${contactId}`, content }]));
      return {};
    });
    add('POST v1/copilot-health', anyBody, () => ({ status: 'ok' }));
    for (const prefix of PREFIXES) {
      router.on(`GET /${prefix}/v1/agentic-websocket-url`, { scope: 'openid' }, ({ headers }) => {
        const { notifications } = services.hostsOf(headers);
        return ok({ agenticWebsocketURL: `${notifications}${AGENTIC_PATH}` });
      });
      router.on(`GET /${prefix}/v2/adaptive-cards`, { scope: 'openid' }, () => ok({}));
    }
  }

  /** Number of questions. */
  get asked(): number {
    return this.#asked;
  }

  /** The latest 10,000 pieces of feedback on its answers, oldest first. */
  get feedback(): readonly KnowledgeFeedback[] {
    return [...this.#feedback];
  }

  /**
   * Replaces the answers with the cards that a function returns. It may return none, and the content of a card may be
   * JSON text.
   */
  answerWith(rule: CopilotRule): void {
    checkKind('rule', rule, 'a function');
    this.#answer = rule;
  }
}
