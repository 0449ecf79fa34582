import { checkEncrypted, checkedStreamUrl, anyString, jsonObject, oneOf } from '../../http/internal.js';
import * as z from '../../schema.js';
import type { CopilotSearchRequest, CopilotFeedback } from './types.js';

const filled = z.refine(anyString, (value) => value.trim() !== '', 'must not be blank');

export const searchRequest: z.Schema<CopilotSearchRequest> = z.object({
  contactId: filled,
  query: filled,
  agentUuid: filled,
  config: jsonObject,
});

export const feedbackRequest: z.Schema<CopilotFeedback> = z.object({
  contactId: filled,
  answers: z.refine(
    z.array(
      z.object({
        utteranceId: filled,
        answerId: filled,
        rating: oneOf(['like', 'dislike']),
        tag: z.optional(anyString),
        comment: z.optional(anyString),
      }),
    ),
    (answers) => answers.length > 0,
    'must not be empty',
  ),
});

/** The socket gets a token. */
const isSocketUrl = (value: string): boolean => {
  try {
    checkEncrypted('', checkedStreamUrl(value, ''), false);
    return /^wss?:/i.test(value);
  } catch {
    return false;
  }
};

export const agenticUrl: z.Schema<string> = z.map(
  z.looseObject({
    agenticWebsocketURL: z.refine(anyString, isSocketUrl, 'expected a wss URL without credentials'),
  }),
  ({ agenticWebsocketURL }) => agenticWebsocketURL,
);
