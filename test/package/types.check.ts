// The packed declarations under consumers' compilers, with `skipLibCheck: false`.
import { copyFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, it } from 'vitest';
import { createProject, run, tools } from './project.ts';

const compilers: Readonly<Record<string, string>> = {
  '5.4': join(tools, 'typescript-5.4/bin/tsc'),
  '6.0': resolve('node_modules/typescript/bin/tsc'),
  '7.0': resolve('node_modules/typescript-7/bin/tsc'),
};
const browser = { lib: ['ES2022', 'DOM'], types: [] };
const node = { lib: ['ES2022'], types: ['node'], typeRoots: [join(tools, '@types')] };

let project: string;

beforeAll(async () => {
  project = await createProject('types', ['undici@8.12.4', '@opentelemetry/api@1.9.1']);
  for (const extension of ['mts', 'cts'])
    await copyFile(join(project, 'service.ts'), join(project, `service.${extension}`));
});

it.each([
  {
    compiler: '5.4',
    module: 'Node16',
    files: ['service.mts', 'server.ts'],
    environment: node,
    name: "Node's types alone",
  },
  { compiler: '5.4', module: 'Node16', files: ['service.mts'], environment: browser, name: 'DOM alone' },
  { compiler: '5.4', module: 'ESNext', files: ['service.ts'], environment: browser, name: 'a bundler' },
  ...['6.0', '7.0'].flatMap((compiler) => [
    {
      compiler,
      module: 'NodeNext',
      files: ['service.mts', 'service.cts', 'server.ts'],
      environment: node,
      name: 'servers, CommonJS too',
    },
    { compiler, module: 'ESNext', files: ['service.ts'], environment: browser, name: 'a bundler' },
  ]),
])('TypeScript $compiler, module $module: $name', async ({ compiler, module, files, environment, name }) => {
  const file = join(project, `tsconfig.${compiler}.${name.replaceAll(/\W+/g, '-')}.json`);
  await writeFile(
    file,
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module,
        moduleResolution: module === 'ESNext' ? 'Bundler' : module,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        ...environment,
      },
      files,
    }),
  );
  await run(process.execPath, [compilers[compiler] ?? '', '-p', file], project);
});

it('has no declaration that names what the package does not declare', async () => {
  const file = join(project, 'tsconfig.declarations.json');
  const compilerOptions = { module: 'NodeNext', target: 'ES2022', strict: true, skipLibCheck: false, noEmit: true };
  const include = ['node_modules/agent-assist-sdk/dist'];
  // Otherwise the folder is left out.
  const exclude: string[] = [];
  await writeFile(file, JSON.stringify({ compilerOptions: { ...compilerOptions, ...node }, include, exclude }));
  await run(process.execPath, [compilers['7.0'] ?? '', '-p', file], project);
});
