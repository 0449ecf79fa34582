import { defineConfig } from 'eslint/config';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

const features = [
  'suggestions',
  'knowledge',
  'transcripts',
  'insights',
  'enrichment',
  'calibration',
  'simulation',
  'webhooks',
  'audit',
  'widget',
];

/** @param {string} folder @param {string[]} allowed */
const floor = (folder, allowed) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [
    folder,
    'errors.ts',
    'bytes.ts',
    'text.ts',
    'hash.ts',
    'options.ts',
    'file-system.ts',
    'json.ts',
    'linked-map.ts',
    'regexp.ts',
    'schema.ts',
    ...allowed,
  ].map((name) => `./${name}`),
  message: `src/${folder} may import only errors, bytes, text, hash, options, file-system, json, linked-map, regexp, schema${allowed.map((name) => `, ${name}`).join('')}`,
});

export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', 'docs/api/**', 'reports/**', '.tmp/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ExportAllDeclaration', message: 'List every exported name.' }],
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: [
            {
              target: './src/errors.ts',
              from: './src',
              except: ['./errors'],
              message: 'errors.ts imports only errors/',
            },
            { target: './src/errors', from: './src', except: ['./errors'], message: 'errors/ imports nothing' },
            floor('http', []),
            floor('auth', ['http']),
            floor('stream', ['http']),
            floor('platforms', ['http']),
            floor('node', []),
            floor('redis', ['http']),
            floor('undici', ['http', 'webhooks']),
            ...features.map((folder) => floor(folder, ['http'])),
            // The real platforms stand above the features and plug into them.
            floor('cognigy', ['http', 'auth', 'platforms', 'stream', ...features]),
            floor('conversations', ['http', 'stream', ...features]),
            // Observes what the floors below tell to an instrumentation.
            floor('otel', ['http']),
            floor('cxone', ['http', 'auth', 'platforms', 'stream', ...features]),
          ],
        },
      ],
    },
  },
  {
    files: ['src/!(http|testing)/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '/http/(?!internal\\.js$)',
              message:
                "Import '../http/internal.js': the public face is for users, the other files are the core's own.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/!(testing|node|undici)/**/*.ts', 'src/*.ts'],
    rules: {
      'import-x/no-nodejs-modules': 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'src/testing/cli.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'vi', property: 'waitFor', message: 'Use expect.poll: it waits as long as vitest.config.ts says.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='unit'] > Literal[value='binary']",
          message: 'Use anyCharacter of test/helpers: the same, without a table that takes a second to fill.',
        },
      ],
    },
  },
  {
    files: ['**/*.config.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
);
