import { describe, expect, it } from 'vitest';
import { blocksOfDocstrings, preludeNames, sourceFiles } from './blocks.js';
import { isFirstRead, preparePrograms, programs, testPrograms } from './programs.js';

/** Examples in docstrings that need nothing but themselves: no collaborator of the prelude, no other machine, no file. */
const selfContained = sourceFiles()
  .flatMap(blocksOfDocstrings)
  .filter(({ language, code }) => {
    const usesPrelude = preludeNames().some((name) => new RegExp(`(?<![.'])\\b${name}\\b(?![':])`).test(code));
    const needsOthers =
      /example\.com|redis|'secret'|token: 'token'|https:\/\/|verifyAuditTrail\(|\.jsonl'|cognigyAi\(\{ (?:environment|company)|(?:discover|connect)Cxone\(/.test(
        code,
      );
    return language === 'ts' && !usesPrelude && !needsOthers;
  });

preparePrograms();
testPrograms(
  'programs of the other guides',
  programs.filter((block) => !isFirstRead(block)),
);
testPrograms('examples in docstrings', selfContained);

describe('examples in docstrings', () => {
  it('are run where that is possible', () => {
    expect(selfContained.length).toBeGreaterThan(10);
  });
});
