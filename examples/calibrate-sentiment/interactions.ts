import type { ClassifiedInteraction } from 'agent-assist-sdk/calibration';

/** An interaction reviewed by a supervisor. */
export interface ReviewedInteraction extends ClassifiedInteraction {
  /** The emotion that the supervisor heard; `none` if calm. */
  readonly heard: string;
}

/** Classified interactions, and what a supervisor heard in them. */
export const reviewedInteractions: readonly ReviewedInteraction[] = [
  {
    interactionId: 'conv_8f3a2c1d',
    text: 'Severe billing latency for days, and now I want an immediate refund.',
    emotion: 'frustration',
    confidence: 0.92,
    heard: 'frustration',
  },
  {
    interactionId: 'conv_9b4e7f2a',
    text: 'This is the third outage this week. Unbelievable!',
    emotion: 'anger',
    confidence: 0.95,
    heard: 'anger',
  },
  {
    interactionId: 'conv_1c77d0e5',
    text: 'Nobody calls back. Where is my refund?',
    emotion: 'frustration',
    confidence: 0.86,
    heard: 'frustration',
  },
  {
    interactionId: 'conv_52ab90f3',
    text: 'Ha, the outage map is greener than my garden.',
    emotion: 'anger',
    confidence: 0.9,
    heard: 'none',
  },
  {
    interactionId: 'conv_e03f6b18',
    text: 'I do not understand the billing period, could you explain?',
    emotion: 'confusion',
    confidence: 0.88,
    heard: 'confusion',
  },
  {
    interactionId: 'conv_77d2c4a9',
    text: 'The SLA says four hours. It has been two days.',
    emotion: 'frustration',
    confidence: 0.84,
    heard: 'anger',
  },
  {
    interactionId: 'conv_a41e8d60',
    text: 'Thanks, that refund came quickly.',
    emotion: 'satisfaction',
    confidence: 0.97,
    heard: 'none',
  },
  {
    interactionId: 'conv_03be5f7c',
    text: 'Whatever. Just cancel it.',
    emotion: 'frustration',
    confidence: 0.91,
    heard: 'frustration',
  },
  {
    interactionId: 'conv_d6f19a24',
    text: 'The latency is fine, I suppose.',
    emotion: 'boredom',
    confidence: 0.83,
    heard: 'none',
  },
  {
    interactionId: 'conv_4e80b3d1',
    text: 'My billing address is still wrong!',
    emotion: 'anger',
    confidence: 0.71,
    heard: 'anger',
  },
];
