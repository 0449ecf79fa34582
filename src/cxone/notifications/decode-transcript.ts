import { checkResult } from '../../http/internal.js';
import { fields, id, lacks, text, type Decoding, type Fields } from '../fields.js';

/**
 * Decodes a transcript message. Its order is `transcriptionSrNo`. `messageIsCompletedUtterance: false` marks interim
 * text; a message without it may have `messageMetaData.completeUtterance`. The vendor has not published the values of
 * `channelTag` and `participantId`.
 *
 * @param speakerOf - returns the speaker from the message's `Data`, or `undefined` for the usual one.
 */
export function decodeTranscript(body: Fields, speakerOf: (data: Fields) => string | undefined): Decoding {
  if (body['MessageType'] !== 'Transcript') return undefined;
  const data = fields(body['Data']);
  const interactionId = id(data['contactId']);
  const { messageBody } = data;
  const isFinal = data['messageIsCompletedUtterance'] ?? fields(data['messageMetaData'])['completeUtterance'];
  if (interactionId === undefined) return lacks('Data.contactId', 'an id');
  if (typeof messageBody !== 'string') return lacks('Data.messageBody', 'a string');
  const speaker = speakerOf(data) ?? undefined;
  if (speaker !== undefined) checkResult('speakerOf()', speaker, 'a number or a string', 'a string');
  const sequence = Number(id(data['transcriptionSrNo']) ?? NaN);
  return [
    {
      type: 'TRANSCRIPT_FRAGMENT',
      interactionId,
      text: messageBody,
      speaker: text(speaker) ?? usualSpeaker(data),
      timestamp: moment(data['createdtimestamp']),
      sequence: Number.isSafeInteger(sequence) ? sequence : undefined,
      isFinal: typeof isFinal === 'boolean' ? isFinal : undefined,
      language: text(data['languageCode']),
      data,
    },
  ];
}

/** Returns the speaker as far as the message says: its channel, else the participant. */
function usualSpeaker(data: Fields): string | undefined {
  return text(data['channelTag']) ?? id(data['participantId']);
}

/** Returns a moment as text; ms since the epoch become ISO 8601. */
function moment(value: unknown): string | undefined {
  if (typeof value !== 'number') return text(value);
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
