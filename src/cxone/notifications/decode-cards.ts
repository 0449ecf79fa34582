import { isRecord, readJson } from '../../json.js';
import type { AssistCardBase, AssistCardEvent, KnowledgeAnswer, SuggestedResponse } from './types.js';
import { fields, id, lacks, list, number, text, type Decoding, type Fields } from '../fields.js';

/** Returns the fields of a kind of card besides the common ones; `undefined` if its content lacks them. */
type Kind<T = AssistCardEvent> = T extends AssistCardEvent ? Omit<T, keyof AssistCardBase> : never;

/** Decodes a message of Agent Copilot; each of its elements is a card. Elements that are not objects are left out. */
export function decodeCopilot(body: Fields): Decoding {
  if (!Array.isArray(body['acpAppElements'])) return undefined;
  const interactionId = id(body['contactId']);
  if (interactionId === undefined) return lacks('contactId', 'an id');
  return list(body['acpAppElements']).map((element): AssistCardEvent => {
    const content = parsed(element['content']);
    const contentType = text(element['contentType']) ?? '';
    return {
      type: 'ASSIST_CARD',
      interactionId,
      source: 'copilot',
      contentType,
      cardType: text(element['cardType']),
      objectId: id(element['objectId']),
      errorMessage: text(element['errorMessage']),
      timestamp: text(body['utcTimestamp']),
      content,
      ...(copilotKind(contentType, fields(content)) ?? { kind: 'other' }),
    };
  });
}

/** The content is an object, or an object as JSON text. */
function parsed(content: unknown): unknown {
  const value = typeof content === 'string' ? readJson(content) : undefined;
  return isRecord(value) ? value : content;
}

function copilotKind(contentType: string, content: Fields): Kind | undefined {
  const utteranceId = id(content['utteranceId']);
  if (contentType.startsWith('nextBestResponse')) {
    const { bestResponse } = content;
    const texts = (Array.isArray(bestResponse) ? bestResponse : [bestResponse]).flatMap((item) => text(item) ?? []);
    return texts.length === 0 ? undefined : { kind: 'responses', responses: texts.map((line) => ({ text: line })) };
  }
  if (contentType.startsWith('kbCombo')) {
    const answers = [
      ...list(content['kbAnswers']).flatMap((answer) => copilotAnswer(answer, contentType === 'kbComboInternal')),
      ...list(content['kbInternalUse']).flatMap((answer) => copilotAnswer(answer, true)),
    ];
    return answers.length === 0 ? undefined : { kind: 'knowledge', answers, utteranceId };
  }
  if (contentType === 'currentRequestState') {
    const state = text(content['currentState']);
    return state === undefined ? undefined : { kind: 'state', state, utteranceId };
  }
  if (contentType === 'workflowResponse') {
    const status = text(content['status']);
    const [title, response] = [text(content['intentTitle']), text(content['intentResponse'])];
    return status === undefined ? undefined : { kind: 'workflow', title, text: response, status };
  }
  const summary = /summary/i.test(contentType) ? text(content['summary']) : undefined;
  return summary === undefined ? undefined : { kind: 'summary', text: summary };
}

function copilotAnswer(answer: Fields, isInternal: boolean): KnowledgeAnswer | [] {
  const title = text(answer['title']);
  const description = text(answer['description']);
  if (title === undefined && description === undefined) return [];
  return { id: id(answer['kbAnswerUid']), title: title ?? '', text: description ?? '', isInternal };
}

/**
 * Decodes a message of Google's Agent Assist; each suggestion result is a card. The topic begins with the contact's id.
 */
export function decodeCcai(body: Fields): Decoding {
  const { topic, data: json } = body;
  if (typeof topic !== 'string' || typeof json !== 'string') return undefined;
  const interactionId = text(topic.split('_')[0]);
  const data = readJson(json);
  if (!isRecord(data)) return lacks('data', 'a JSON object as text');
  const results = data['suggestionResults'];
  if (!Array.isArray(results)) return undefined;
  if (interactionId === undefined) return lacks('topic', 'a topic that begins with the id of the contact');
  const base = { type: 'ASSIST_CARD', source: 'ccai', interactionId } as const;
  const more = { objectId: id(body['id']), timestamp: text(body['timestamp']), transcript: text(data['transcript']) };
  return list(results).flatMap((result) =>
    Object.entries(result).map(([contentType, content]): AssistCardEvent => ({
      ...base,
      ...more,
      contentType,
      content,
      ...(ccaiKind(fields(content)) ?? { kind: 'other' }),
    })),
  );
}

function ccaiKind(content: Fields): Kind | undefined {
  const responses = list(content['smartReplyAnswers']).flatMap((answer): SuggestedResponse | [] => {
    const reply = text(answer['reply']);
    return reply === undefined ? [] : { text: reply, confidence: number(answer['confidence']) };
  });
  if (responses.length > 0) return { kind: 'responses', responses };
  const answers = [...list(content['articleAnswers']), ...list(content['faqAnswers'])].flatMap(googleAnswer);
  return answers.length === 0 ? undefined : { kind: 'knowledge', answers };
}

function googleAnswer(answer: Fields): KnowledgeAnswer | [] {
  const title = text(answer['title']) ?? text(answer['question']);
  if (title === undefined) return [];
  const { snippets } = answer;
  const parts = Array.isArray(snippets) ? snippets.flatMap((snippet) => text(snippet) ?? []) : [];
  return {
    title,
    text: text(answer['answer']) ?? parts.join(' '),
    url: text(answer['uri']),
    confidence: number(answer['confidence']),
    isInternal: false,
  };
}
