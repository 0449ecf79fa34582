// Lists what only the owner knows and must be set before the package is published: `npm publish` runs this first.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<Record<string, unknown>>;

const missing = [
  ...['repository', 'author', 'bugs', 'homepage']
    .filter((name) => !manifest[name])
    .map((name) => `package.json: "${name}"`),
  ...(readFileSync('SECURITY.md', 'utf8').includes('SECURITY-CONTACT') ? ['SECURITY.md: the address for reports'] : []),
];

if (missing.length > 0) {
  console.error(
    `Before the first release (see CONTRIBUTING.md), set:\n${missing.map((line) => `- ${line}`).join('\n')}`,
  );
  process.exitCode = 1;
}
