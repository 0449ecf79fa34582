// The public surface of each subpath as one text in docs/api-report, from the declarations that were built, so that a
// change of it is seen in a diff. `npm run api:update` writes the reports, `npm run check:api` compares.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';

const root = resolve(import.meta.dirname, '..');
const reports = join(root, 'docs/api-report');
const temporary = join(root, '.tmp/api-report');
const packageJsonFullPath = join(root, 'package.json');
const { exports } = JSON.parse(readFileSync(packageJsonFullPath, 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};

/** Writes the report of one entry point into the temporary folder. */
function report(name: string, types: string): void {
  const none = { logLevel: ExtractorLogLevel.None };
  const configObject: IConfigFile = {
    projectFolder: root,
    mainEntryPointFilePath: join(root, types),
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: 'ES2023',
          module: 'NodeNext',
          moduleResolution: 'NodeNext',
          strict: true,
          skipLibCheck: true,
          lib: ['ES2024', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
          types: ['node'],
        },
        files: [types],
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: temporary,
      reportTempFolder: join(temporary, 'temp'),
      reportFileName: name,
    },
    docModel: { enabled: false, projectFolderUrl: '' },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    // Typedoc checks documentation and exports; here only the shape counts.
    messages: {
      compilerMessageReporting: { default: none },
      extractorMessageReporting: { default: none },
      tsdocMessageReporting: { default: none },
    },
  };
  const config = ExtractorConfig.prepare({ configObject, configObjectFullPath: undefined, packageJsonFullPath });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
}

rmSync(temporary, { recursive: true, force: true });
mkdirSync(temporary, { recursive: true });
mkdirSync(reports, { recursive: true });
const names: string[] = [];
for (const [subpath, entry] of Object.entries(exports)) {
  if (typeof entry === 'string') continue;
  const name = subpath === '.' ? 'index' : subpath.slice(2).replaceAll('/', '-');
  report(name, entry.types);
  names.push(`${name}.api.md`);
}

const update = process.argv.includes('--update');
const stale: string[] = readdirSync(reports).filter((file) => !names.includes(file));
for (const file of stale) if (update) rmSync(join(reports, file));
for (const name of names) {
  const current = readFileSync(join(temporary, name), 'utf8');
  const path = join(reports, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === current) continue;
  if (update) writeFileSync(path, current);
  else stale.push(name);
}
if (stale.length > 0 && !update) {
  console.error(
    `The public surface has changed: ${stale.join(', ')}. Look at it by "npm run api:update" and git diff.`,
  );
  process.exitCode = 1;
}
console.log(`${names.length} reports in docs/api-report`);
