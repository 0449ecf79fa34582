import { ConfigurationError } from '../../errors.js';

/** Returns the topic of a contact's live transcript (voice). The account must have transcription. */
export const transcriptTopic = (contactId: string): string => `${checkedId('contactId', contactId)}_transcript`;

/** Returns the topic of Agent Copilot's cards for an agent (`CxoneIdentity.agentId`). */
export const copilotTopic = (agentId: string): string => `${checkedId('agentId', agentId)}_agentcopilot`;

/** Returns the topic of Agent Copilot's state for an agent. */
export const copilotHealthTopic = (agentId: string): string => `${checkedId('agentId', agentId)}_agentcopilot_health`;

/**
 * Returns the topic of scores and alerts of real-time guidance.
 *
 * @param subscription - `Subscriptions[0]` of the hub's configuration; its prefix `rtig-` is not part of the topic.
 */
export const guidanceTopic = (subscription: string): string =>
  checkedId('subscription', subscription).replace(/^rtig-/, '');

/**
 * Returns the topic of answers from Google's Agent Assist.
 *
 * @param subscription - `Subscriptions[0]` of the hub's configuration; the topic spells it `BotAssist`.
 */
export const ccaiTopic = (subscription: string): string =>
  checkedId('subscription', subscription).replace(/botassist/i, 'BotAssist');

const TOPIC = /^[^\p{Cc}\s]{1,256}$/u;

/** @throws `ConfigurationError` */
export function checkedId(name: string, value: string): string {
  if (typeof value === 'string' && TOPIC.test(value)) return value;
  throw new ConfigurationError(`${name}: expected 1 to 256 characters without spaces`);
}
