// The packed package where CommonJS is the default: under Jest's default runner, and in NestJS.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProject, expectSmoke, run } from './project.ts';

describe('Jest', () => {
  let project: string;
  let jest: string;

  beforeAll(async () => {
    project = await createProject('jest', ['jest@30', 'esbuild@0.28']);
    jest = join(project, 'node_modules/jest/bin/jest.js');
    await writeFile(join(project, 'plain.json'), JSON.stringify({ testEnvironment: 'node' }));
    await writeFile(
      join(project, 'transformed.json'),
      JSON.stringify({
        testEnvironment: 'node',
        transform: { '\\.[cm]?js$': '<rootDir>/esm-to-cjs.cjs' },
        transformIgnorePatterns: [],
      }),
    );
  });

  it('says what it needs where it is told nothing', async () => {
    await expect(run(process.execPath, [jest, '-c', 'plain.json'], project)).rejects.toThrow(
      'Must use import to load ES Module',
    );
  });

  it('loads the package under Node 24 with --experimental-vm-modules', async () => {
    await run(process.execPath, ['--experimental-vm-modules', jest, '-c', 'plain.json'], project);
  });

  it('loads it without a flag when its modules are transformed', async () => {
    await run(process.execPath, [jest, '--no-cache', '-c', 'transformed.json'], project);
  });
});

it('is required and provided in NestJS', async () => {
  const project = await createProject('nest', [
    '@nestjs/core@11',
    '@nestjs/common@11',
    'reflect-metadata@0.2',
    'rxjs@7',
  ]);
  await expectSmoke(project, process.execPath, ['nest.cjs']);
});
