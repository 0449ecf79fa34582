import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compareRuns, type RunComparison, type SuiteRun } from 'agent-assist-sdk/simulation';
import { htmlReport } from 'agent-assist-sdk/simulation/reports';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireProgram } from '../helpers/programs.js';
import { attack, runsToReport } from './reported-runs.js';

const haveChromium = requireProgram('chromium-headless-shell', 'chromium-headless-shell');

describe.skipIf(!haveChromium)('the HTML report in Chromium', () => {
  let browser: Browser;
  let run: SuiteRun;
  let plain: SuiteRun;
  let comparison: RunComparison;
  const folder = join('.tmp', 'reports');
  beforeAll(async () => {
    ({ run, plain, comparison } = await runsToReport());
    mkdirSync(folder, { recursive: true });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function open(name: string, page: string) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, page);
    const complaints: string[] = [];
    const tab = await browser.newPage();
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    tab.on('request', (request) => request.url().startsWith('file:') || complaints.push(request.url()));
    await tab.goto(pathToFileURL(resolve(file)).href);
    return { tab, complaints };
  }

  test('opens without a complaint and shows what failed first', async () => {
    const { tab, complaints } = await open(
      'plain',
      htmlReport(plain, { name: 'booking', comparison: compareRuns(plain, plain) }),
    );
    const headings = await tab.locator('h2').allTextContents();
    expect(headings).toEqual([
      'Compared with the baseline',
      'Not passed (4)',
      'Confused intents',
      'Confidence of the bot',
      'Passed (1)',
    ]);
    expect(await tab.locator('summary').allTextContents()).toEqual(
      expect.arrayContaining(['failed bad Ends too soon', 'errored errored ', 'passed good ']),
    );
    expect(await tab.locator('details[open] table.turns').first().innerText()).toContain(
      'entity city is paris instead of oslo',
    );
    expect(
      await tab.locator('table.heat td[title="expected goodbye, recognized book_flight: 1 of 4"]').innerText(),
    ).toBe('1');
    expect(await tab.locator('svg.plot rect').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test('shows hostile text as text and runs none of it', async () => {
    const { tab, complaints } = await open('hostile', htmlReport(run, { name: attack, comparison }));
    expect(await tab.locator('h1').textContent()).toContain('<script>alert(1)</script> "\'&]]>');
    expect(await tab.evaluate('document.scripts.length')).toBe(0);
    expect(
      await tab.evaluate(
        'document.querySelectorAll("[onerror],[onclick],a:not([href^=\\"#\\"]),img,iframe,link").length',
      ),
    ).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('would be kept by its policy from running a script or loading anything', async () => {
    const page = htmlReport(plain, { name: 'x' }).replace(
      '</body>',
      '<script>document.title="run"</script><img src="https://example.com/x.png"></body>',
    );
    const { tab, complaints } = await open('policy', page);
    expect(await tab.title()).toBe('x: 1 of 5 cases pass');
    expect(complaints.join('\n')).toMatch(/Content Security Policy/);
  });
});
