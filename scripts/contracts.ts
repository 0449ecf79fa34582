// Writes docs/openapi.json and docs/asyncapi.json from the schemas in `src`; with --check only compares
// them.
import { readFile, writeFile } from 'node:fs/promises';
import manifest from '../package.json' with { type: 'json' };
import { asyncApi } from './contracts/asyncapi.ts';
import { openApi } from './contracts/openapi.ts';

const documents = { 'docs/openapi.json': openApi(manifest.version), 'docs/asyncapi.json': asyncApi(manifest.version) };

for (const [file, document] of Object.entries(documents)) {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (!process.argv.includes('--check')) await writeFile(file, text);
  else if (text !== (await readFile(file, 'utf8').catch(() => ''))) {
    console.error(`${file} is not what the schemas say; run \`npm run contracts\``);
    process.exitCode = 1;
  }
}
