/** A suggestion as the tenant sends it (protocol 4). */
export interface TenantSuggestion {
  /** What the agent may say. */
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** Where it comes from. */
  readonly source?: string | undefined;
}

/** Suggestions for what was said. */
export interface PlaybookRule {
  /** Fires when the transcript has one of these words or phrases, whole and in any case. */
  readonly words: readonly string[];
  /** What it suggests. */
  readonly suggestions: readonly TenantSuggestion[];
}

/** Rules for common service talk. Some fall under a confidence of 0.75, some hold a prohibited phrase: a policy has work. */
export const defaultPlaybook: readonly PlaybookRule[] = [
  {
    words: ['refund', 'refunded', 'money back', 'reimburse'],
    suggestions: [
      {
        text: 'I can check right now whether this order qualifies for a refund.',
        confidence: 0.93,
        source: 'playbook/refunds',
      },
      { text: 'We guarantee full refund within the hour.', confidence: 0.88, source: 'playbook/refunds-old' },
      {
        text: 'Refunds usually reach the original card within five working days.',
        confidence: 0.81,
        source: 'playbook/refunds',
      },
    ],
  },
  {
    words: ['cancel', 'cancellation', 'terminate', 'close my account'],
    suggestions: [
      {
        text: 'I can cancel that for you. May I ask what made you decide?',
        confidence: 0.9,
        source: 'playbook/retention',
      },
      {
        text: 'Before we cancel: there is a smaller plan that might suit you better.',
        confidence: 0.77,
        source: 'playbook/retention',
      },
      {
        text: 'Cancellations take effect at the end of the billing period.',
        confidence: 0.68,
        source: 'playbook/contracts',
      },
    ],
  },
  {
    words: ['complaint', 'complain', 'unacceptable', 'terrible'],
    suggestions: [
      {
        text: 'I am sorry about this. I am opening a case so that it is followed up.',
        confidence: 0.91,
        source: 'playbook/complaints',
      },
      { text: 'You are free to take legal action at any time.', confidence: 0.79, source: 'playbook/complaints-old' },
    ],
  },
  {
    words: ['escalate', 'supervisor', 'manager'],
    suggestions: [
      {
        text: 'I will bring in my supervisor and stay on the line with you.',
        confidence: 0.89,
        source: 'playbook/escalation',
      },
      {
        text: 'May I try to solve it first? I have everything in front of me.',
        confidence: 0.76,
        source: 'playbook/escalation',
      },
    ],
  },
  {
    words: ['late', 'delayed', 'waiting', 'delivery'],
    suggestions: [
      { text: 'Let me look up where your delivery is at this moment.', confidence: 0.86, source: 'playbook/shipping' },
      { text: 'I can offer express shipping for the replacement.', confidence: 0.71, source: 'playbook/shipping' },
    ],
  },
  {
    words: ['charge', 'charged', 'invoice', 'bill', 'payment'],
    suggestions: [
      {
        text: 'I see the charge here. Shall we go through it line by line?',
        confidence: 0.84,
        source: 'playbook/billing',
      },
    ],
  },
];

const CALMING: readonly TenantSuggestion[] = [
  {
    text: 'I understand that this is frustrating. Let us solve it together.',
    confidence: 0.82,
    source: 'playbook/tone',
  },
];
const GENERAL: readonly TenantSuggestion[] = [
  {
    text: 'Could you tell me a little more, so that I find the right answer?',
    confidence: 0.78,
    source: 'playbook/general',
  },
];

/** What a playbook suggests: the suggestions of every rule that fires, the most confident first. */
export function suggestionsFor(
  transcript: string,
  sentimentScore: number,
  playbook: readonly PlaybookRule[],
): readonly TenantSuggestion[] {
  const words = ` ${transcript
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
  const fired = playbook.filter((rule) => rule.words.some((phrase) => words.includes(` ${phrase} `)));
  const found = [...fired.flatMap((rule) => rule.suggestions), ...(sentimentScore < -0.4 ? CALMING : [])];
  return found.length === 0 ? GENERAL : found.sort((a, b) => b.confidence - a.confidence);
}
