/** Frames of the notification socket that break its shape. */
export const brokenMessages: readonly object[] = [
  { command: 'MESSAGE' },
  { command: 'MESSAGE', headers: {}, body: null },
  { command: 'MESSAGE', headers: {}, body: 'text' },
  { command: 'MESSAGE', headers: {}, body: [] },
  { command: 'MESSAGE', headers: {}, body: { MessageType: 'Transcript' } },
  { command: 'MESSAGE', headers: {}, body: { MessageType: 'Transcript', Data: { contactId: 7, messageBody: null } } },
  { command: 'MESSAGE', headers: {}, body: { topic: '1001_agentcopilot', acpAppElements: 'none' } },
  {
    command: 'MESSAGE',
    headers: {},
    body: {
      topic: '1001_agentcopilot',
      contactId: 'broken-1',
      acpAppElements: [
        null,
        { contentType: 'kbCombo', cardType: 'AdaptiveCard', objectId: 'o1', content: '{"kbAnswers":' },
      ],
    },
  },
  { command: 'MESSAGE', headers: {}, body: { messageType: 'Nexidia.RTG.EnlightenUpdate', enlightenResults: {} } },
  {
    command: 'MESSAGE',
    headers: {},
    body: {
      messageType: 'Nexidia.RTG.EnlightenUpdate',
      callId: 'broken-2',
      enlightenResults: [{ enlightenModelGuid: 'm', score: 'high' }],
    },
  },
  { command: 'MESSAGE', headers: {}, body: { topic: 'broken-3_BotAssist', data: 'not json' } },
  { command: 'MESSAGE', headers: {}, body: { topic: 'broken-4_BotAssist', data: '{"suggestionResults":{}}' } },
  { command: 'MESSAGE', headers: {}, body: { messageType: 'Nexidia.RTG.EnlightenSummary', text: 12 } },
  { command: 'ERROR', headers: {}, body: {} },
  { command: 'ERROR' },
  { command: 'SURPRISE', headers: {}, body: {} },
  { headers: {}, body: {} },
];
