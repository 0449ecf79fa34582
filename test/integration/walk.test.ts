import { readFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { AuthClient, HttpClient, SuggestionsClient } from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { expect, it } from 'vitest';

/** What Vitest adds to a module: a function that reads an export. */
const READS_EXPORT = /^\(\) => \{ try \{ return [\w.]+ \} catch/;

/**
 * Returns the files of `src` in which `work` calls a function, named or not, without those of the embedded tenant. It
 * also keeps its tokens in a linked map.
 */
async function filesOf(work: () => PromiseLike<unknown>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Debugger.enable');
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const files: string[] = [];
  for (const { url, scriptId, functions } of result) {
    const file = /\/src\/((?!testing\/|linked-map).+\.ts)/.exec(url)?.[1];
    if (file === undefined) continue;
    const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
    const ranges = functions.flatMap((called) => called.ranges[0] ?? []).filter(({ count }) => count > 0);
    const isCalled = ranges.some(
      ({ startOffset, endOffset }) => !READS_EXPORT.test(scriptSource.slice(startOffset, endOffset)),
    );
    if (isCalled) files.push(file);
  }
  session.disconnect();
  return files.toSorted();
}

it.each(['default', 'undici'])(
  'suggest() goes through twelve files on the %s transport, as the docs say',
  async (name) => {
    await using tenant = await startTenant();
    await using transport = new NodeTransport();
    const { platform, credentials } = tenant;
    const auth = new AuthClient({ platform, ...credentials });
    const http = new HttpClient({ platform, auth, ...(name === 'undici' ? { transport: transport.send } : {}) });
    const suggestions = new SuggestionsClient(http);
    const suggest = () =>
      suggestions.suggest({ interactionId: 'i-1', transcript: 'I want a refund', sentimentScore: -0.5 });
    await suggest();
    const files = await filesOf(suggest);
    const guide = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
    const walk = guide.slice(guide.indexOf('## The path of a call'), guide.indexOf('## The path of a frame'));
    expect(files.length).toBeGreaterThan(8);
    expect(files).toHaveLength(12);
    for (const file of files) expect(walk).toContain(`\`${file}\``);
  },
);
