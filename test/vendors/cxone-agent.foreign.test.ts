import type { Script } from 'node:vm';
import { startCxone, type Cxone } from 'agent-assist-sdk/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from './cxone/browser.js';
import { bundleVendorSdk, hasVendorSdk, type VendorSdk } from './cxone/sdk.js';

const contactId = '30001';

describe.skipIf(!hasVendorSdk)('@nice-devone/agent-sdk against startCxone()', () => {
  let script: Script;
  let cxone: Cxone;
  let browser: Browser;
  let sdk: VendorSdk;
  let socketUrl: string;
  beforeAll(async () => {
    script = await bundleVendorSdk();
  });
  beforeEach(async () => {
    cxone = await startCxone({ clients: [{ clientId: 'agent-page' }] });
    browser = new Browser(cxone);
    browser.run(script);
    sdk = browser.run('vendor') as VendorSdk;
    sdk.common.CXoneLeaderElector.instance.isActiveLeader = true;
    const auth = sdk.auth.CXoneAuth.instance;
    const redirectUri = 'https://app.example.test/cb';
    auth.init({ cxoneHostname: cxone.namedHosts.issuer, clientId: 'agent-page', redirectUri });
    const redirect = await cxone.fetch(await auth.getAuthorizeUrl('page', 'S256'), { redirect: 'manual' });
    const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await auth.getAccessTokenByCode({ clientId: 'agent-page', code });
    socketUrl = auth.getCXoneConfig()['aahNotificationWssUri'] ?? '';
  });
  afterEach(async () => {
    await browser.close();
    await cxone.close();
  });

  /** What an observable of the vendor's gave so far. */
  function collect(observable: { subscribe(listener: (value: unknown) => void): unknown }): unknown[] {
    const values: unknown[] = [];
    observable.subscribe((value) => values.push(JSON.parse(JSON.stringify(value))));
    return values;
  }

  function subscribe(topic: string): unknown[] {
    const client = new sdk.agent.CopilotNotificationClient();
    const messages = collect(client.onMessageNotification);
    client.connect(socketUrl);
    client.subscribe({ webSocketUri: socketUrl, contactId: topic, providerId: 'agentCopilot', subscriptions: [topic] });
    return messages;
  }

  it('connects to the socket with its token, subscribes, and reads cards', async () => {
    const messages = subscribe('1001_agentcopilot');
    await cxone.notifications.waitForTopic('1001_agentcopilot');
    const [connection] = cxone.notifications.connections;
    const commands = connection?.received.map(({ text }) => (JSON.parse(text) as { command: string }).command);
    expect(commands).toEqual(['CONNECT', 'SUBSCRIBE']);
    const content = { kbAnswers: { title: 't', description: 'd', kbAnswerUid: 'kb1' }, utteranceId: 'u1' };
    cxone.feed.sendCards(contactId, [{ contentType: 'kbCombo', cardType: 'AdaptiveCard', objectId: 'o1', content }]);
    const card = {
      contentType: 'kbCombo',
      content: { kbAnswers: { title: 't', description: 'd', kbAnswerUid: 'kb1' }, utteranceId: 'u1' },
    };
    await expect
      .poll(() => messages)
      .toContainEqual(
        expect.objectContaining({
          command: 'MESSAGE',
          body: expect.objectContaining({
            contactId,
            acpAppElements: [expect.objectContaining(card) as object],
          }) as object,
        }),
      );
  });

  it('connects and subscribes again after the connection broke', async () => {
    subscribe('1001_agentcopilot');
    await cxone.notifications.waitForTopic('1001_agentcopilot');
    cxone.notifications.terminateAll();
    await expect.poll(() => cxone.notifications.totalConnections).toBe(2);
    await cxone.notifications.waitForTopic('1001_agentcopilot');
  });

  it('searches with Copilot, gets the cards on the socket, and sends feedback on them', async () => {
    const messages = subscribe('1001_agentcopilot');
    await cxone.notifications.waitForTopic('1001_agentcopilot');
    browser.run(`localStorage.setItem(${JSON.stringify(sdk.core.StorageKeys.FOCUSED_CONTACT_ID)}, '${contactId}')`);
    const copilot = new sdk.agent.CopilotService();
    const params = { providerId: 'agentCopilot', agentAssistId: 'aah-1', language: 'en-US' };
    copilot.setAgentAssistConfig(contactId, JSON.stringify({ ContactId: contactId, Params: params }));
    expect(await copilot.search('how do I refund an order', contactId)).toMatchObject({ agentId: '1001', contactId });
    await expect.poll(() => JSON.stringify(messages)).toContain('"kbAnswerUid":"kb-refund-policy"');
    await copilot.healthCheck(contactId);
    await copilot.generateFinalSummary(contactId, 'closed');
    await expect.poll(() => JSON.stringify(messages)).toContain('finalSummaryNotes');
    await copilot.sendGuidanceFeedback([
      {
        ...{ objectId: 'o1', contactId, agentId: '1001', agentContactId: 'ac', utteranceId: 'utterance-1' },
        ...{ kbAnswerUid: 'kb-refund-policy', title: 't', feedback: 'likeArticle', tag: 'Helpful', comment: 'ok' },
      },
    ]);
    expect(cxone.copilot.feedback).toEqual([
      {
        ...{ contactId, utteranceId: 'utterance-1', kbAnswerUid: 'kb-refund-policy' },
        ...{ valueEnum: 1, tagEnum: 'Helpful', comment: 'ok' },
      },
    ]);
    const calls = cxone.requests.to(/ \/agentcopilotapi\//);
    expect(calls.map(({ path, status }) => [path.split('/').at(-1), status])).toEqual([
      ['agent-search', 200],
      ['copilot-health', 200],
      ['final-summary', 200],
      ['kbAnswers', 200],
    ]);
    expect(new Set(calls.map(({ headers }) => headers['x-forwarded-host']))).toEqual(new Set(['api-na1.cxone.test']));
  });

  it('reads real-time scores and suggestions of CCAI', async () => {
    const service = new sdk.AgentAssistWSService();
    const messages = collect(service.onMessageNotification);
    const scores = collect(service.agentAssistProcessorService.onRtigStateUpdatePayload);
    service.initWebSocketWorker('agent-assist');
    service.connect(socketUrl);
    const base = { webSocketUri: socketUrl };
    service.subscribe({ ...base, contactId, providerId: 'rtig', subscriptions: [`rtig-${contactId}`] });
    await cxone.notifications.waitForTopic(contactId);
    service.subscribe({ ...base, contactId: '30002', providerId: 'ccai', subscriptions: ['30002_botassist'] });
    await cxone.notifications.waitForTopic('30002_BotAssist');
    cxone.feed.sendScore({ contactId, score: 40 });
    const metric = expect.objectContaining({ enlightenModelGuid: cxone.feed.scoreModelGuid, score: 40 }) as object;
    await expect.poll(() => scores).toContainEqual({ contactId, metricScores: [metric] });
    const articles = [{ title: 'Refunds', uri: 'https://help.example.com', snippets: ['s'], confidence: 0.7 }];
    cxone.feed.sendCcai({ contactId: '30002', transcript: 'hi', articles });
    await expect.poll(() => JSON.stringify(messages)).toContain('Refunds');
  });

  it('reads summaries', async () => {
    const service = new sdk.AutoSummaryService();
    const received = collect(service.onAutoSummaryReceived);
    const topic = '30003_autosummary';
    service.subscribe({ webSocketUri: socketUrl, contactId: '30003', subscriptions: [topic] });
    await cxone.notifications.waitForTopic(topic);
    cxone.feed.sendSummary({ contactId: '30003', text: 'All good.' });
    const data = expect.objectContaining({ messageError: 'NO_ERROR', text: 'All good.' }) as object;
    await expect.poll(() => received).toContainEqual({ contactId: '30003', type: 'MESSAGE', data });
  });

  it('finds customers of the digital channels', async () => {
    const found = await new sdk.CustomerCardService().searchCustomer('Elena', ['x1']);
    expect(found).toMatchObject({ hits: 1, data: [{ fullName: 'Elena Rostova' }] });
  });
});
