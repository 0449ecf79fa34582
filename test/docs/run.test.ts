import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startTenant } from 'agent-assist-sdk/testing';
import { blocksOfMarkdown } from './blocks.js';
import { isFirstRead, preparePrograms, programs, resultOf, start, testPrograms } from './programs.js';

/** Programs that are compiled and not run, each with the reason; their fences say `no-run`. */
const notRun: Readonly<Record<string, string>> = {};

preparePrograms();
testPrograms('programs of README and getting started', programs.filter(isFirstRead));

describe('programs of README and docs', () => {
  it('say which call was refused, and why the stream ended', { timeout: 90_000 }, async () => {
    const [block] = blocksOfMarkdown('README.md').filter(({ code }) => code.includes('AssistStream'));
    await using tenant = await startTenant();
    const child = start(block?.code ?? '', 'failing', tenant);
    const result = resultOf(child);
    await tenant.stream.waitForConnections();
    tenant.inject({ route: 'POST /agentassist/suggest', fault: { kind: 'status', status: 403 } });
    const told = once(child.stderr, 'data');
    tenant.stream.send({
      type: 'INTERACTION_UPDATE',
      payload: { interactionId: 'i-1', transcript: 'refund', sentimentScore: 0 },
    });
    await told;
    tenant.stream.closeAll(1008, 'the client is blocked');
    const { code, errors } = await result;
    expect(errors).toMatch(/^PermissionDeniedError.*^StreamError.*1008/ms);
    expect(code).toBe(1);
  });

  it('that are not run have a reason', () => {
    const unrun = programs
      .filter(({ flags }) => flags.includes('no-run'))
      .map(({ file, code }) => `${file}: ${code.split('\n')[0] ?? ''}`);
    expect(Object.keys(notRun).sort()).toEqual(unrun.sort());
  });
});
