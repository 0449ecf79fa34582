// Sizes of browser bundles, and their content: `npm run check:bundles`. Fails if a bundle is larger than its limit or
// contains a folder or a package that its consumer did not import.
import { readdir, readFile, stat } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { install, pack } from './consumer.ts';

/**
 * What a bundle may weigh, in bytes gzipped, libraries included. They hold what was reached and are lowered with it; the
 * goals are 19,000 for one client and 34,000 for all of them with the stream.
 */
const ONE_CLIENT_LIMIT = 21_760;
const ALL_CLIENTS_LIMIT = 38_080;
/** One client for a real installation, with its usual credential: a key, or the login of CXone (goal 22,000). */
const KEY_LIMIT = 17_760;
const LOGIN_LIMIT = 18_950;
/** CXone's notification socket with its decoders and the login, which a stream uses. */
const PROTOCOL_LIMIT = 20_400;
/** All of the root. */
const ROOT_LIMIT = 44_380;

/** Each subpath for browsers, with the folders (besides its own) and packages that it may contain. */
const subpaths: Readonly<
  Record<string, { readonly folders?: readonly string[]; readonly packages: readonly string[] }>
> = {
  errors: { packages: [] },
  http: { packages: [] },
  auth: { folders: ['http'], packages: [] },
  stream: { folders: ['http'], packages: [] },
  platforms: { folders: ['http'], packages: [] },
  suggestions: { folders: ['http'], packages: ['canonicalize'] },
  // The tokenizer belongs to `toAssistCards`; the client alone does not contain it.
  knowledge: { folders: ['http'], packages: ['htmlparser2', 'entities'] },
  transcripts: { folders: ['http'], packages: [] },
  insights: { folders: ['http'], packages: [] },
  enrichment: { folders: ['http'], packages: [] },
  calibration: { folders: ['http'], packages: ['canonicalize'] },
  simulation: { folders: ['http'], packages: ['canonicalize'] },
  'simulation/suites': { folders: ['simulation', 'http'], packages: ['yaml', 'canonicalize'] },
  'simulation/reports': { folders: ['simulation', 'http'], packages: [] },
  webhooks: { folders: ['http'], packages: [] },
  audit: { folders: ['http'], packages: ['canonicalize'] },
  widget: { folders: ['http'], packages: [] },
  // Recording and replaying need files; choosing thresholds does not.
  conversations: {
    folders: ['http', 'suggestions', 'simulation/reports', 'calibration'],
    packages: ['canonicalize', 'pure-rand'],
  },
  cognigy: {
    // The runners use the rules of simulations; the rest are the flow's sources and its stream.
    folders: ['http', 'platforms', 'simulation', 'knowledge', 'suggestions', 'audit', 'stream'],
    packages: [],
  },
  cxone: { folders: ['http', 'auth', 'platforms', 'knowledge'], packages: [] },
};

/** One small function, with the check of its options and its error, gzipped. */
const FUNCTION_LIMIT = 2_460;
/** What loading the package does, minified: it refuses an old runtime. */
const LOAD_LIMIT = 650;

const clients: Readonly<Record<string, string>> = {
  SuggestionsClient: 'suggestions',
  KnowledgeClient: 'knowledge',
  InsightsClient: 'insights',
  CalibrationClient: 'calibration',
  SimulationClient: 'simulation',
  WebhooksClient: 'webhooks',
  AuditClient: 'audit',
  CustomerDataClient: 'enrichment',
};

/** What there is for real installations, each with its subpath, its usual credential and its limit. */
const vendorClients: Readonly<Record<string, readonly [subpath: string, auth: string, limit: number]>> = {
  FlowClient: ['cognigy', 'ApiKeyAuth', KEY_LIMIT],
  AuditEventsClient: ['cognigy', 'ApiKeyAuth', KEY_LIMIT],
  PlaybookClient: ['cognigy', 'ApiKeyAuth', KEY_LIMIT],
  NluClient: ['cognigy', 'ApiKeyAuth', KEY_LIMIT],
  SimulatorClient: ['cognigy', 'ApiKeyAuth', KEY_LIMIT],
  ExpertClient: ['cxone', 'ApiKeyAuth', KEY_LIMIT],
  CopilotClient: ['cxone', 'AuthClient', LOGIN_LIMIT],
  discoverCxone: ['cxone', 'AuthClient', LOGIN_LIMIT],
  notificationProtocol: ['cxone', 'AuthClient', PROTOCOL_LIMIT],
};

interface Bundle {
  readonly gzipped: number;
  readonly minified: number;
  /** Top folders of the package, with bytes. */
  readonly folders: ReadonlyMap<string, number>;
  /** Packages, with bytes. */
  readonly packages: ReadonlyMap<string, number>;
  readonly files: readonly string[];
}

/** Keeps what a file of the package does when it is loaded, although package.json says that it does nothing. */
const keepEffects: Plugin = {
  name: 'keep-effects',
  setup: (builder) => {
    builder.onResolve({ filter: /./ }, async ({ path, pluginData: isSecond, ...options }) => {
      if (isSecond === true) return undefined;
      const { path: found, ...resolved } = await builder.resolve(path, { ...options, pluginData: true });
      return { ...resolved, path: found, sideEffects: found.includes('agent-assist-sdk/') };
    });
  },
};

async function bundle(consumer: string, contents: string, plugins: Plugin[] = []): Promise<Bundle> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: consumer },
    absWorkingDir: consumer,
    // Otherwise the repository's own tsconfig.json leads to its sources.
    tsconfigRaw: {},
    plugins,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    outfile: join(consumer, 'bundle.js'),
    write: false,
  });
  const [map, code] = outputFiles.toSorted(({ path: a }, { path: b }) => b.length - a.length);
  if (map === undefined || code === undefined) throw new Error('The bundle has no source map');
  const folders = new Map<string, number>();
  const packages = new Map<string, number>();
  const sources = bytesBySource(code.text, JSON.parse(map.text) as SourceMapPayload);
  for (const [path, bytes] of sources) {
    const [name = '', ...rest] = (path.split('node_modules/').at(-1) ?? '').split('/');
    const [counts, key] = name === 'agent-assist-sdk' ? [folders, folderOf(rest)] : [packages, name];
    counts.set(key, (counts.get(key) ?? 0) + bytes);
  }
  const gzipped = gzipSync(code.contents, { level: 9 }).length;
  return { gzipped, minified: code.contents.length, folders, packages, files: [...sources.keys()] };
}

/**
 * Measures what came from each source, by the bundle's source map: the built files join folders and a package, and their
 * own maps tell them apart.
 */
function bytesBySource(code: string, payload: SourceMapPayload): ReadonlyMap<string, number> {
  const map = new SourceMap(payload);
  const bytes = new Map<string, number>();
  for (const [line, text] of code.split('\n').entries()) {
    if (text.startsWith('//')) continue;
    for (let column = 0; column < text.length; column += 1) {
      const found = map.findEntry(line, column);
      // Other sources are the imports of the entry itself.
      if (!('originalSource' in found) || !found.originalSource.includes('node_modules/')) continue;
      bytes.set(found.originalSource, (bytes.get(found.originalSource) ?? 0) + 1);
    }
  }
  return bytes;
}

/** `src/http/client.ts` is in `http`; files directly in `src`, and the errors, belong to everyone. */
function folderOf([, ...path]: readonly string[]): string {
  const [folder = '', room = ''] = path;
  if (path.length < 2 || folder === 'errors') return '';
  // The other rooms of the simulations are part of their subpath.
  return folder === 'simulation' && ['suites', 'reports'].includes(room) ? `simulation/${room}` : folder;
}

const problems: string[] = [];

function checkContents(name: string, found: Bundle, folders: readonly string[], packages: readonly string[]): void {
  for (const folder of found.folders.keys()) {
    if (folder !== '' && !folders.includes(folder)) problems.push(`${name}: brings agent-assist-sdk/${folder} along`);
  }
  for (const other of found.packages.keys()) {
    if (!packages.includes(other)) problems.push(`${name}: brings the package ${other} along`);
  }
  for (const file of found.files) {
    if (/\/zod\/|\/http\/runtime\.ts$/.test(file)) problems.push(`${name}: brings ${file} along`);
  }
}

function print(name: string, { gzipped, minified }: Bundle, limit?: number): void {
  const columns = [kilobytes(minified), kilobytes(gzipped), kilobytes(limit)];
  console.log(name.padEnd(38) + columns.map((column) => column.padStart(11)).join(''));
  if (limit !== undefined && gzipped > limit) problems.push(`${name}: ${gzipped} bytes gzipped, the limit is ${limit}`);
}

function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? '' : `${(bytes / 1000).toFixed(1)} kB`;
}

async function weigh(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const { size } = await stat(join(entry.parentPath, entry.name));
        return size;
      }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What docs/runtimes.md says of the sizes, in whole kB. */
const documented = (oneClient: readonly number[], allClients: number, root: number): string => {
  const [smallest, largest, all, whole] = [Math.min(...oneClient), Math.max(...oneClient), allClients, root].map(
    (bytes) => Math.round(bytes / 1000),
  );
  return `auth, HTTP and one client are ${smallest} to ${largest} kB, and all clients with the stream ${all} kB. The whole root is ${whole} kB`;
};

const tarball = await pack();
const consumer = await install(tarball, 'bundles');

console.log(`${'Browser bundle, libraries included'.padEnd(38)}   minified    gzipped      limit`);
const oneClient: number[] = [];
for (const [client, folder] of Object.entries(clients)) {
  const name = `auth + http + ${client}`;
  const bySubpath = await bundle(
    consumer,
    `
    export { AuthClient } from 'agent-assist-sdk/auth';
    export { HttpClient } from 'agent-assist-sdk/http';
    export { ${client} } from 'agent-assist-sdk/${folder}';`,
  );
  print(name, bySubpath, ONE_CLIENT_LIMIT);
  oneClient.push(bySubpath.gzipped);
  checkContents(name, bySubpath, ['auth', 'http', folder], ['canonicalize']);
  // Context enrichment is only in its subpath.
  if (folder === 'enrichment') continue;
  const byRoot = await bundle(consumer, `export { AuthClient, HttpClient, ${client} } from 'agent-assist-sdk';`);
  // Not gzipped: the root has the same code in another order, of which gzip makes more or less.
  if (byRoot.minified > bySubpath.minified + 200) {
    problems.push(`${name}: ${byRoot.minified} bytes from the root, ${bySubpath.minified} from the subpaths`);
  }
  checkContents(`${name}, from the root`, byRoot, ['auth', 'http', folder], ['canonicalize']);
}
for (const [client, [subpath, auth, limit]] of Object.entries(vendorClients)) {
  const name = `${subpath}: ${client} + ${auth} + http`;
  const found = await bundle(
    consumer,
    `
    export { ${auth} } from 'agent-assist-sdk/auth';
    export { HttpClient } from 'agent-assist-sdk/http';
    export { ${client} } from 'agent-assist-sdk/${subpath}';`,
  );
  print(name, found, limit);
  checkContents(name, found, ['auth', 'http', 'audit', 'platforms', 'knowledge', subpath], []);
}
const names = ['AuthClient', 'HttpClient', 'AssistStream', 'cognigy', 'cxone', ...Object.keys(clients)].filter(
  (name) => name !== 'CustomerDataClient',
);
const allClients = await bundle(
  consumer,
  `export { ${names.join(', ')} } from 'agent-assist-sdk';
  export { CustomerDataClient } from 'agent-assist-sdk/enrichment';`,
);
print('all clients, the stream, the presets', allClients, ALL_CLIENTS_LIMIT);
const everything = await bundle(consumer, "export * from 'agent-assist-sdk';");
print('the whole root', everything, ROOT_LIMIT);
const browserFolders = Object.keys(subpaths).filter((subpath) => !subpath.includes('/'));
const guide = (await readFile('docs/runtimes.md', 'utf8')).replaceAll(/\s+/g, ' ');
const sentence = documented(oneClient, allClients.gzipped, everything.gzipped);
if (!guide.includes(sentence)) problems.push(`docs/runtimes.md does not say: ${sentence}`);
checkContents('the whole root', everything, browserFolders, ['canonicalize']);

for (const entry of ['agent-assist-sdk', 'agent-assist-sdk/suggestions']) {
  const name = `keywordTrigger of ${entry}`;
  const found = await bundle(consumer, `export { keywordTrigger } from '${entry}';`);
  print(name, found, FUNCTION_LIMIT);
  checkContents(name, found, ['suggestions'], []);
}
const loading = await bundle(
  consumer,
  ['', ...Object.keys(subpaths).map((subpath) => `/${subpath}`)]
    .map((path) => `import 'agent-assist-sdk${path}';`)
    .join(''),
  [keepEffects],
);
print('what loading all of that does', loading);
if (loading.minified > LOAD_LIMIT) problems.push(`loading: ${loading.minified} bytes, the limit is ${LOAD_LIMIT}`);

console.log('\nEach subpath whole');
for (const [subpath, { folders = [], packages }] of Object.entries(subpaths)) {
  const found = await bundle(consumer, `export * from 'agent-assist-sdk/${subpath}';`);
  print(subpath, found);
  checkContents(subpath, found, [subpath, ...folders], packages);
}

console.log('\nParts of the whole root, minified');
const parts = [...everything.folders, ...everything.packages].toSorted(([, a], [, b]) => b - a);
for (const [name, bytes] of parts)
  console.log(`${(name === '' ? 'errors, text' : name).padEnd(38)}${kilobytes(bytes).padStart(11)}`);

console.log('\nInstalled');
console.log(`${'tarball'.padEnd(38)}${kilobytes(tarball.size).padStart(11)}`);
console.log(`${'unpacked'.padEnd(38)}${kilobytes(tarball.unpackedSize).padStart(11)}  ${tarball.files.length} files`);
console.log(
  `${'node_modules of a fresh consumer'.padEnd(38)}${`${((await weigh(join(consumer, 'node_modules'))) / 1e6).toFixed(1)} MB`.padStart(11)}`,
);

for (const problem of problems) console.error(`✗ ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
