// Lists what must be set or updated before the package is published: `npm publish` runs this first.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };

// Its code is in `dist`, so its fixes reach users only by a release of this package.
const { zod } = manifest.dependencies;
const known = execFileSync('npm', ['view', `zod@^${zod}`, 'version', '--json'], { encoding: 'utf8' });
const newest = [JSON.parse(known) as string | readonly string[]].flat().at(-1);

const missing = [
  ...['repository', 'author', 'bugs', 'homepage']
    .filter((name) => !(name in manifest))
    .map((name) => `package.json: "${name}"`),
  ...(newest === zod
    ? []
    : [`package.json: "zod" ${zod}, of which dist holds a copy, to ${newest ?? 'a known version'}`]),
  ...(readFileSync('SECURITY.md', 'utf8').includes('SECURITY-CONTACT') ? ['SECURITY.md: the address for reports'] : []),
];

if (missing.length > 0) {
  console.error(`Before a release (see CONTRIBUTING.md), set:\n${missing.map((line) => `- ${line}`).join('\n')}`);
  process.exitCode = 1;
}
