const bodies: readonly unknown[] = [
  null,
  'text',
  [],
  { MessageType: 'Transcript' },
  { MessageType: 'Transcript', Data: { contactId: 7, messageBody: null } },
  { topic: '1001_agentcopilot', acpAppElements: 'none' },
  {
    topic: '1001_agentcopilot',
    contactId: 'broken-1',
    acpAppElements: [
      null,
      { contentType: 'kbCombo', cardType: 'AdaptiveCard', objectId: 'o1', content: '{"kbAnswers":' },
    ],
  },
  { messageType: 'Nexidia.RTG.EnlightenUpdate', enlightenResults: {} },
  {
    messageType: 'Nexidia.RTG.EnlightenUpdate',
    callId: 'broken-2',
    enlightenResults: [{ enlightenModelGuid: 'm', score: 'high' }],
  },
  { topic: 'broken-3_BotAssist', data: 'not json' },
  { topic: 'broken-4_BotAssist', data: '{"suggestionResults":{}}' },
  { messageType: 'Nexidia.RTG.EnlightenSummary', text: 12 },
];

/** Frames of the notification socket that break its shape. */
export const brokenMessages: readonly object[] = [
  { command: 'MESSAGE' },
  ...bodies.map((body) => ({ command: 'MESSAGE', headers: {}, body })),
  { command: 'ERROR', headers: {}, body: {} },
  { command: 'ERROR' },
  { command: 'SURPRISE', headers: {}, body: {} },
  { headers: {}, body: {} },
];
