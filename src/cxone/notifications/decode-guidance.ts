import type { SentimentScale } from './types.js';
import { fields, id, lacks, list, number, text, type Decoding, type Fields } from '../fields.js';

/** Decodes scores and alerts of real-time guidance (RTIG). */
export function decodeGuidance(body: Fields, scale: SentimentScale | undefined): Decoding {
  const interactionId = id(body['callId']);
  if (body['messageType'] === 'Nexidia.RTG.EnlightenUpdate') {
    if (interactionId === undefined) return lacks('callId', 'an id');
    const enlightenResults = list(body['enlightenResults']);
    const sentimentScore = scale === undefined ? undefined : sentimentIn(enlightenResults, scale);
    const context = { enlightenResults, offsetMs: number(body['offsetMs']) };
    const payload = { interactionId, transcript: '', sentimentScore, context };
    return [{ type: 'INTERACTION_UPDATE', payload }];
  }
  if (body['messageType'] !== 'Nexidia.RTG.EventNotification') return undefined;
  const alert = fields(body['notificationPayload']);
  const name = text(alert['primaryAlertName']);
  if (name === undefined) return lacks('notificationPayload.primaryAlertName', 'a string');
  const description = text(alert['primaryAlertDescription']);
  return [{ type: 'GUIDANCE_ALERT', interactionId, name, description, body }];
}

/** Maps a score linearly from the scale to −1 to 1; clamps scores outside of it. */
function sentimentIn(results: readonly Fields[], { modelGuid, min, max }: SentimentScale): number | undefined {
  const isOfModel = ({ enlightenModelGuid, tags }: Fields): boolean =>
    modelGuid === undefined ? Array.isArray(tags) && tags.includes('sentiment') : enlightenModelGuid === modelGuid;
  const score = number(results.find((result) => result['isValid'] !== false && isOfModel(result))?.['score']);
  return score === undefined ? undefined : Math.min(1, Math.max(-1, (2 * (score - min)) / (max - min) - 1));
}

/** Decodes the summary of a contact that has ended. */
export function decodeSummary(body: Fields): Decoding {
  if (body['messageType'] !== 'Nexidia.RTG.EnlightenSummary') return undefined;
  const said = body['messageError'] === 'NO_ERROR' ? undefined : text(body['messageError']);
  return [
    {
      type: 'CONTACT_SUMMARY',
      interactionId: id(body['masterId']),
      text: text(body['text']) ?? '',
      error: said,
      language: text(body['languageCode']),
      body,
    },
  ];
}

const HEALTH = '_agentcopilot_health';

/** Decodes the state of Copilot. */
export function decodeHealth(body: Fields): Decoding {
  const topic = text(body['topic']) ?? '';
  if (!topic.endsWith(HEALTH)) return undefined;
  return [{ type: 'COPILOT_HEALTH', agentId: topic.slice(0, -HEALTH.length), body }];
}
