import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as sdk from 'agent-assist-sdk';
import { createWidgetConfigHandler, type WidgetConfig } from 'agent-assist-sdk/widget';
import { closeCodes } from '#dist/stream/connection/close-codes.js';

const page = readFileSync('docs/protocol.md', 'utf8');

/** The part of the page under a heading. */
function section(heading: string): string {
  const start = page.indexOf(`${heading}\n`);
  expect(start, heading).toBeGreaterThan(-1);
  const body = page.slice(start + heading.length);
  const end = body.search(/^## /m);
  return end < 0 ? body : body.slice(0, end);
}

/** The cells of a section's table rows. */
function rowsOf(heading: string): string[][] {
  return [...section(heading).matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) =>
    row.split(' | ').map((cell) => cell.trim()),
  );
}

describe('the protocol page', () => {
  it('lists every close code with what follows it', () => {
    const table = Object.fromEntries(
      rowsOf('### Close codes').flatMap(([codes = '', , action = '']) =>
        codes
          .split(', ')
          .filter((code) => /^\d+$/.test(code))
          .map((code) => [code, action]),
      ),
    );
    const words = { reconnect: 'reconnect', 'refresh-token': 'drop the token, reconnect', terminate: '**ends**' };
    expect(table).toEqual(
      Object.fromEntries(Object.entries(closeCodes).map(([code, action]) => [code, words[action]])),
    );
  });

  it('names the path of every call with its key', () => {
    const rows = section('## 4. REST calls').matchAll(/\| `(?:GET|PUT|POST) (\S+)` \| `(\w+)` \|/g);
    const calls = Object.fromEntries([...rows].map(([, path = '', key = '']) => [key, path]));
    const { customer, customerOrders, customerTickets, ...others } = Object.fromEntries(
      globSync('src/*/client.ts').flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/\.path\('(\w+)', '([^']+)'\)/g)].map(([, key = '', path = '']) => [
          key,
          path,
        ]),
      ),
    );
    expect(calls).toEqual(others);
    const enrichment = section('## 9. Context enrichment');
    for (const [key, path] of Object.entries({ customer, customerOrders, customerTickets })) {
      expect(enrichment).toMatch(new RegExp(`\`GET ${String(path).replace(/[{}]/g, '\\$&')}[\`?]`));
      expect(enrichment).toContain(`\`${key}\``);
    }
  });

  it('names the headers that can have another name', () => {
    const calls = section('## 4. REST calls');
    const { headerNames } = new sdk.HttpClient({ baseUrl: 'http://127.0.0.1' });
    for (const [key, name] of Object.entries({ ...headerNames })) expect(calls).toContain(`\`${key}\` (\`${name}\``);
  });

  it('states the defaults of the assist rules and the widget', async () => {
    const assist = section('## 8. Assist');
    const response = await createWidgetConfigHandler()(new Request('http://127.0.0.1/api/widget/config'));
    const { prohibitedPhrases, ...numbers } = (await response.json()) as WidgetConfig;
    expect(assist).toContain(prohibitedPhrases.join(', '));
    for (const [name, value] of Object.entries(numbers)) expect(assist).toContain(`\`${name}\` ${String(value)}`);
  });

  it('has the sections that docstrings refer to', () => {
    const numbers = [...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe('the page on errors', () => {
  it('has a section for every class that can be thrown', () => {
    const headings = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    const bases = ['AgentAssistError', 'ApiError', 'CallError'];
    const classes = Object.keys(sdk).filter((name) => name.endsWith('Error') && !bases.includes(name));
    expect(classes.length).toBeGreaterThan(20);
    expect(classes.filter((name) => !headings.includes(name))).toEqual([]);
  });
});
