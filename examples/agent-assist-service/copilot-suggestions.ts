import type { AssistStream } from 'agent-assist-sdk';
import type { AssistCardEvent, CopilotClient, CopilotSearchRequest, NotificationEvents } from 'agent-assist-sdk/cxone';
import type { Suggestion, SuggestionSource } from 'agent-assist-sdk/suggestions';

/**
 * Asks Agent Copilot, and waits for its next answer to the contact on the stream, since CXone's cards do not name their
 * question. Only one question of a contact may be open; the service handles a contact's updates in order.
 */
export function copilotSuggestions(
  copilot: CopilotClient,
  stream: AssistStream<NotificationEvents>,
  { agentUuid, config }: Pick<CopilotSearchRequest, 'agentUuid' | 'config'>,
): SuggestionSource {
  return {
    suggest: async ({ interactionId, transcript }, options) => {
      const answer = Promise.withResolvers<readonly Suggestion[]>();
      const onCard = (card: AssistCardEvent): void => {
        if (card.interactionId === interactionId && card.kind === 'responses') {
          answer.resolve(card.responses.map((response) => ({ ...response })));
        }
      };
      const { signal } = options;
      const onAbort = (): void => answer.reject(signal?.reason);
      stream.on('ASSIST_CARD', onCard);
      signal?.addEventListener('abort', onAbort);
      try {
        const asked = copilot.search({ contactId: interactionId, query: transcript, agentUuid, config }, options);
        const [suggestions] = await Promise.all([answer.promise, asked]);
        return { suggestions };
      } finally {
        stream.off('ASSIST_CARD', onCard);
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}
