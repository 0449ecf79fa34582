import { get } from 'node:http';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AssistStream, AuthClient, HttpClient } from 'agent-assist-sdk';
import { silentLogger } from '#dist/http/internal.js';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { Desktop, bundlePage } from '../../examples/streaming-insights/desktop.ts';
import { InsightService, defaultScopes, documentsSides } from '../../examples/streaming-insights/insight-service.ts';
import { requireProgram } from '../helpers/programs.js';
import { defaultArticles } from '../../src/testing/fixtures/articles.js';

/** The example as its main file puts it together, with a decision going the long way: desktop, stream, training. */
async function startExample(tenant: Tenant): Promise<{ desktop: Desktop; service: InsightService }> {
  const desktop = await Desktop.start({
    port: 0,
    script: await bundlePage(),
    onDecision: ({ type, interactionId, insightId }) => {
      if (type === 'INSIGHT_ACCEPTED') tenant.insights.accept(interactionId, insightId);
      else tenant.insights.reject(interactionId, insightId);
    },
  });
  const auth = new AuthClient({ platform: tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes });
  const http = new HttpClient({ platform: tenant.cxonePlatform, auth });
  const stream = new AssistStream({ platform: tenant.cxonePlatform, auth });
  const service = new InsightService({
    ...documentsSides(stream, http),
    logger: silentLogger,
    watcher: {
      onFragment: ({ interactionId, text, speaker }) =>
        desktop.show({ type: 'TRANSCRIPT_FRAGMENT', interactionId, text, speaker }),
      onTurnEnd: (interactionId) => desktop.show({ type: 'DIALOG_STATE', interactionId, state: 'TURN_END' }),
      onPushed: ({ interactionId, text }, cards) =>
        desktop.show({ type: 'CARDS_PUSHED', interactionId, question: text, cards }),
      onFeedback: ({ interactionId, insightId, action }) =>
        desktop.show({ type: 'FEEDBACK_RECORDED', interactionId, insightId, action }),
    },
  });
  await stream.connect();
  return { desktop, service };
}

describe.skipIf(!requireProgram('chromium-headless-shell', 'chromium-headless-shell'))(
  'the agent’s desktop in Chromium',
  () => {
    let tenant: Tenant;
    let example: Awaited<ReturnType<typeof startExample>>;
    let browser: Browser;
    let page: Page;
    const pageErrors: string[] = [];

    beforeAll(async () => {
      tenant = await startTenant();
      tenant.knowledge.replaceArticles([
        ...defaultArticles,
        {
          id: 'kb-hostile',
          title: 'Xylophone <img src=x onerror="window.hacked = 1">',
          url: 'javascript:window.hacked=2',
          body: '&lt;script&gt;window.hacked = 3&lt;/script&gt; xylophones',
          language: 'en-US',
        },
      ]);
      example = await startExample(tenant);
      browser = await chromium.launch({
        executablePath: '/usr/bin/chromium-headless-shell',
        args: [
          '--no-sandbox',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-default-apps',
        ],
      });
      page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      page.on('pageerror', (error) => pageErrors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') pageErrors.push(message.text());
      });
      await page.goto(example.desktop.url);
    });
    afterAll(async () => {
      await browser.close();
      await example.service[Symbol.asyncDispose]();
      await example.desktop[Symbol.asyncDispose]();
      await tenant.close();
    });

    const speak = (id: string, turns: readonly (readonly ['customer' | 'agent', string])[]) =>
      tenant.play({ id, turns: turns.map(([speaker, text]) => ({ speaker, text })) }, { speed: Infinity });
    const card = (insightId: string) => page.locator(`.card[data-insight="${insightId}"]`);
    const waitFor = async (condition: () => boolean) => {
      await expect.poll(condition, { interval: 20 }).toBe(true);
    };

    it('shows the transcript as it comes, and a card with its citation', async () => {
      await speak('call-1', [
        ['agent', 'Good morning, how can I help you today?'],
        ['customer', 'My credit card was charged twice for the same invoice, and I would like that money back.'],
      ]);
      await card('kb-double-charge').waitFor();
      expect(await page.locator('.turn .text').allTextContents()).toEqual([
        'Good morning, how can I help you today?',
        'My credit card was charged twice for the same invoice, and I would like that money back.',
      ]);
      const citation = card('kb-double-charge').locator('a');
      expect(await citation.getAttribute('href')).toBe('https://help.example.com/articles/double-charge');
      expect(await page.locator('#status').textContent()).toBe('Connected');
    });

    it('sends Accept on its long way: the tenant has the feedback, and the card says so', async () => {
      await card('kb-double-charge')
        .getByRole('button', { name: /^Accept/ })
        .click();
      await waitFor(() => tenant.insights.feedbackCount === 1);
      expect(tenant.insights.feedback[0]).toMatchObject({
        interactionId: 'call-1',
        insightId: 'kb-double-charge',
        action: 'accepted',
      });
      await card('kb-double-charge').getByText('Accepted, recorded for training').waitFor();
      expect(await page.locator('#accepted').textContent()).toBe('1');
      await page.screenshot({ path: '.tmp/streaming-insights.png' });
    });

    it('sends Reject as well', async () => {
      const other = page.locator('.card[data-status="open"]').first();
      const insightId = await other.getAttribute('data-insight');
      await other.getByRole('button', { name: /^Reject/ }).click();
      await waitFor(() => tenant.insights.feedbackCount === 2);
      expect(tenant.insights.feedback[1]).toMatchObject({ interactionId: 'call-1', insightId, action: 'rejected' });
      await card(insightId ?? '')
        .getByText('Rejected, recorded for training')
        .waitFor();
    });

    it('keeps conversations apart and shows the one that is chosen', async () => {
      await speak('call-2', [['customer', 'There is an outage, my internet does not work.']]);
      await page.getByRole('button', { name: /Customer 2/ }).click();
      await card('kb-outage').waitFor();
      expect(await page.locator('.turn .text').allTextContents()).toEqual([
        'There is an outage, my internet does not work.',
      ]);
      expect(await card('kb-double-charge').count()).toBe(0);
    });

    it('shows a page that is opened later, or has lost its connection, the same', async () => {
      const before = await page.locator('#questions').textContent();
      await page.reload();
      await card('kb-double-charge').getByText('Accepted, recorded for training').waitFor();
      expect(await page.locator('#questions').textContent()).toBe(before);
      expect(await page.locator('.call').count()).toBe(2);
    });

    it('takes what an article says for text, never for markup or a program', async () => {
      await speak('call-3', [['customer', 'Do you sell xylophones?']]);
      await page.getByRole('button', { name: /Customer 3/ }).click();
      await card('kb-hostile').waitFor();
      expect(await card('kb-hostile').locator('h3').textContent()).toContain('<img src=x onerror=');
      expect(await card('kb-hostile').locator('.snippet').textContent()).toContain('<script>');
      expect(await card('kb-hostile').locator('a').count()).toBe(0);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
    });

    it('lets nobody in without the page’s token', async () => {
      const answer = await fetch(`${example.desktop.url}api/v2/ai/training/feedback`, {
        method: 'POST',
        body: JSON.stringify({ interactionId: 'call-1', insightId: 'x', action: 'accepted' }),
      });
      expect(answer.status).toBe(401);
      expect(tenant.insights.feedbackCount).toBe(2);
      const socket = new WebSocket(`${example.desktop.url.replace('http', 'ws')}stream?access_token=guess`);
      await expect(
        new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onerror = () => reject(new Error('refused'));
        }),
      ).rejects.toThrow('refused');
    });

    it('has no error on its console', () => {
      expect(pageErrors).toEqual([]);
    });
  },
);

describe('the agent’s desktop', () => {
  it('gives its token to no page that has another name (DNS rebinding)', async () => {
    await using desktop = await Desktop.start({ port: 0, script: '', onDecision: () => undefined });
    const { port } = new URL(desktop.url);
    const ask = (host: string, headers: Record<string, string> = {}): Promise<string> =>
      new Promise((resolve, reject) => {
        const request = get({ host: '127.0.0.1', port, path: '/', headers: { host, ...headers } }, (response) => {
          response.setEncoding('utf8');
          let text = '';
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve(`${response.statusCode ?? 0} ${text.includes('token')}`));
        });
        request.on('error', reject);
      });
    expect(await ask(`127.0.0.1:${port}`)).toBe('200 true');
    expect(await ask(`localhost:${port}`)).toBe('200 true');
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, 'evil.example', '127.0.0.1']) {
      expect(await ask(host)).toBe('421 false');
    }
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'x',
      'sec-websocket-version': '13',
    };
    expect(await ask(`evil.example:${port}`, upgrade)).toBe('401 false');
  });
});
