// Subjects of commits: at most 72 characters, a capital first, no full stop at the end.
//   node scripts/check-commits.ts origin/main..HEAD    the commits of a range
//   node scripts/check-commits.ts .git/COMMIT_EDITMSG  a message, as a commit-msg hook gives it
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const MAX_LENGTH = 72;

function problemsOf(subject: string): string[] {
  // Git writes these itself, or they disappear if commits are squashed.
  if (/^(?:Merge|Revert|fixup!|squash!) /.test(subject)) return [];
  return [
    ...(subject.length > MAX_LENGTH ? [`has ${subject.length} characters, at most ${MAX_LENGTH} are allowed`] : []),
    ...(/^\p{Lu}/u.test(subject) ? [] : ['does not begin with a capital letter']),
    ...(subject.endsWith('.') ? ['ends with a full stop'] : []),
  ];
}

const [argument = 'HEAD^..HEAD'] = process.argv.slice(2);
const subjects = existsSync(argument)
  ? [
      readFileSync(argument, 'utf8')
        .split('\n')
        .find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '',
    ]
  : execFileSync('git', ['log', '--format=%s', argument], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');

for (const subject of subjects) {
  for (const problem of problemsOf(subject)) {
    console.error(`"${subject}" ${problem}`);
    process.exitCode = 1;
  }
}
