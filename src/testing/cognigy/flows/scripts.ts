import { htmlToText } from '../../../knowledge/html-to-text.js';
import { defaultPlaybook, suggestionsFor } from '../../fixtures/playbook.js';
import type { TenantKnowledge } from '../../routes/knowledge.js';
import type { CognigyFlowScript } from './flow.js';

/** @internal Suggests replies to an agent, each an output with its confidence. */
export const suggestReplies: CognigyFlowScript = ({ text, data }) => {
  const { sentimentScore } = data;
  const mood = typeof sentimentScore === 'number' ? sentimentScore : 0;
  return suggestionsFor({ transcript: text, sentimentScore: mood }, defaultPlaybook).map(
    ({ text: reply, confidence, source }) => ({
      text: reply,
      data: { confidence, ...(source !== undefined && { source }) },
    }),
  );
};

/** How many hits the search node of the flow keeps. */
const TOP_K = 5;

/** @internal Searches the articles as a Search Extract Output node does; hits are in the output's data. */
export function searchArticles(knowledge: TenantKnowledge): CognigyFlowScript {
  return ({ text }) => {
    const topK = knowledge
      .search(text, 'en-US')
      .slice(0, TOP_K)
      .map(({ article, score }) => ({
        text: htmlToText(article.body),
        // A similarity from -1 to 1, 1 the best, as the node yields since 4.74.
        distance: Math.round((score / (score + 2)) * 1000) / 1000,
        sourceMetaData: { sourceName: article.id, sourceType: 'manual', title: article.title, url: article.url },
        chunkMetaData: { id: article.id },
      }));
    return [{ text: topK[0]?.text, data: { knowledgeSearch: { topK } } }];
  };
}
