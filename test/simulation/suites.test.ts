import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, SuiteFileError } from 'agent-assist-sdk';
import { loadRun, loadSuite, openJournal, parseSuite } from 'agent-assist-sdk/simulation/suites';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFiles } from './temporary-files.js';

const { folder, fileWith } = temporaryFiles();

function refusal(text: string, file = 'suite.yaml'): SuiteFileError {
  try {
    parseSuite(text, file);
  } catch (error) {
    if (error instanceof SuiteFileError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const head = 'botId: bot-123\nenvironmentId: env-staging\nversionId: ver-abc\n';

describe('a suite', () => {
  test('in YAML takes its target and context from the top unless a case says otherwise', () => {
    const suite = parseSuite(
      `name: Booking
${head}context: { locale: en-US }
cases:
  - id: paris
    name: Flight to Paris
    inputs:
      - book flight to paris
      - { text: departing next monday, delayMs: 100 }
    assertions:
      - { stepIndex: 1, expectedIntent: provide_date, expectedConfidenceMin: 0.8, expectedEntities: { date: next monday, city: } }
  - id: other
    versionId: ver-next
    context: {}
    inputs: [yes]
`,
      'suite.yaml',
    );
    expect(suite).toEqual({
      name: 'Booking',
      cases: [
        {
          id: 'paris',
          name: 'Flight to Paris',
          simulation: {
            botId: 'bot-123',
            environmentId: 'env-staging',
            versionId: 'ver-abc',
            context: { locale: 'en-US' },
            inputs: [
              { text: 'book flight to paris', delayMs: 500 },
              { text: 'departing next monday', delayMs: 100 },
            ],
            assertions: [
              {
                stepIndex: 1,
                expectedIntent: 'provide_date',
                expectedConfidenceMin: 0.8,
                expectedEntities: { date: 'next monday', city: null },
              },
            ],
          },
        },
        {
          id: 'other',
          simulation: {
            botId: 'bot-123',
            environmentId: 'env-staging',
            versionId: 'ver-next',
            context: {},
            inputs: [{ text: 'yes', delayMs: 500 }],
            assertions: [],
          },
        },
      ],
    });
  });

  test('in JSON is the same, tabs and byte order mark included', () => {
    const data = { botId: 'b', environmentId: 'e', versionId: 'v', cases: [{ id: 'a', inputs: ['hi'] }] };
    expect(parseSuite(`\uFEFF${JSON.stringify(data, null, '\t')}`, 'suite.json').cases[0]?.simulation.botId).toBe('b');
    expect(parseSuite(JSON.stringify(data), 'suite.json').name).toBe('suite.json');
  });

  test('can be asked of another version', () => {
    const suite = parseSuite(`${head}cases: [{ id: a, versionId: own, inputs: [hi] }]`, 'suite.yaml', {
      target: { versionId: 'ver-next', botId: undefined },
    });
    expect(suite.cases[0]?.simulation).toMatchObject({ versionId: 'ver-next', botId: 'bot-123' });
  });

  test.each<[object, string]>([
    [{ environmentId: '' }, 'target.environmentId: missing (an empty string)'],
    [{ version: 'v' }, 'target: unknown option "version"; did you mean \'versionId\'?'],
  ])('does not take the blame for a wrong target: %j', (target, message) => {
    const text = `${head}cases: [{ id: a, inputs: [hi] }]`;
    expect(() => parseSuite(text, 'suite.yaml', { target })).toThrow(ConfigurationError);
    expect(() => parseSuite(text, 'suite.yaml', { target })).toThrow(message);
  });

  test('is not read with an unknown option, which would test another version', () => {
    const options: object = { targets: { versionId: 'ver-next' } };
    const message = `parseSuite: unknown option "targets"; did you mean 'target'?`;
    expect(() => parseSuite(`${head}cases: [{ id: a, inputs: [hi] }]`, 'suite.yaml', options)).toThrow(message);
  });

  test('that is JSON of any content survives reading', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    // zod leaves this key out of records, so that nobody's prototype is replaced.
    const isNoPrototype = (key: string): boolean => key !== '__proto__';
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            id: text,
            inputs: fc.array(text, { minLength: 1 }),
            context: fc.dictionary(text.filter(isNoPrototype), fc.jsonValue()),
          }),
          { selector: ({ id }) => id },
        ),
        (cases) => {
          fc.pre(cases.length > 0);
          const { cases: read } = parseSuite(
            JSON.stringify({ botId: 'b', environmentId: 'e', versionId: 'v', cases }),
            'x.json',
          );
          expect(
            read.map(({ id, simulation }) => ({ id, inputs: simulation.inputs.map((input) => input.text) })),
          ).toEqual(cases.map(({ id, inputs }) => ({ id, inputs })));
          expect(JSON.stringify(read.map(({ simulation }) => simulation.context))).toBe(
            JSON.stringify(cases.map(({ context }) => context)),
          );
        },
      ),
    );
  });
});

describe('a malformed suite is refused with file, line and path', () => {
  test('wrong types, everything at once and in the order of the lines', () => {
    const { message, issues, file } = refusal(`botId: bot-123
environmentId: 7
cases:
  - id: 12
    inputs: hello
  - id: two
    inputs:
      - text: hi
        delay_ms: 5
    assertions:
      - stepIndex: 0
        expectedIntent: yes please
        expectedConfidenceMin: high
`);
    expect(file).toBe('suite.yaml');
    expect(message.split('\n')).toEqual(
      issues.map(
        ({ line, column, path, message: text }) => `suite.yaml:${line ?? ''}:${column ?? ''}: ${path}: ${text}`,
      ),
    );
    expect(issues).toEqual(
      expect.arrayContaining([
        { line: 2, column: 16, path: 'environmentId', message: 'expected string' },
        { line: 4, column: 9, path: 'cases[0].id', message: 'expected string' },
        { line: 5, column: 13, path: 'cases[0].inputs', message: 'expected array' },
        expect.objectContaining({ line: 4, path: 'cases[0].versionId', message: 'expected string' }),
        expect.objectContaining({ line: 8, path: 'cases[1].inputs[0]', message: 'unknown delay_ms' }),
        { line: 13, column: 32, path: 'cases[1].assertions[0].expectedConfidenceMin', message: 'expected number' },
      ]),
    );
  });

  test('in the order of the columns where a line has several', () => {
    const issues = refusal(
      `${head}cases:\n  - { inputs: [1, two, 3], id: 4 }\n  - { id: b, inputs: [5] }\n`,
    ).issues.map(({ line, column, path }) => [line, column, path]);
    expect(issues).toEqual([
      [5, 16, 'cases[0].inputs[0].text'],
      [5, 24, 'cases[0].inputs[2].text'],
      [5, 32, 'cases[0].id'],
      [6, 23, 'cases[1].inputs[0].text'],
    ]);
  });

  test('an index outside of the inputs', () => {
    const text = `${head}cases:\n  - id: a\n    inputs: [hi]\n    assertions:\n      - stepIndex: 1\n        expectedIntent: greeting\n`;
    expect(refusal(text).message).toBe(
      'suite.yaml:8:20: cases[0].assertions[0].stepIndex: is out of range (inputs: 1, counted from 0)',
    );
    expect(refusal(text.replace('stepIndex: 1', 'stepIndex: -1')).message).toMatch(
      /^suite\.yaml:8:20: .*whole number of at least 0/,
    );
  });

  test('ids that come twice', () => {
    expect(refusal(`${head}cases:\n  - { id: a, inputs: [x] }\n  - { id: a, inputs: [y] }\n`).message).toBe(
      'suite.yaml:6:11: cases[1].id: "a" is already the id of the case on line 5',
    );
  });

  test.each([
    ['', /^suite\.yaml:1:1: expected object/],
    ['cases: []', /cases: must have at least 1 item(?!s)/],
    [`${head}cases: [{ id: a, inputs: [x] }]\nbotId: other`, /suite\.yaml:5:1: Map keys must be unique/],
    [`${head}cases: [{ id: a, inputs: [x }]`, /suite\.yaml:4:/],
    [`${head}cases: [{ id: a, inputs: [42] }]`, /suite\.yaml:4:27: cases\[0\]\.inputs\[0\]\.text: expected string/],
    [`${head}cases:\n\t- id: a`, /Tabs are not allowed/],
    [`${head}cases: [{ id: a, inputs: [!shell ls] }]`, /Unresolved tag: !shell/],
    [`${head}cases: [{ id: a, inputs: [*nobody] }]`, /Unresolved alias/],
    [`${head}cases: &all [{ id: a, inputs: [x], context: { all: *all } }]`, /contains itself through an alias/],
    [`${head}cases: [{ id: a, inputs: [x] }]\n---\nmore: 1`, /multiple documents/],
    [`${head}casse: []`, /unknown casse/],
    [`${head}cases: [{ id: a, inputs: [x], context: [1] }]`, /cases\[0\]\.context: expected object/],
    ['['.repeat(20_000), /suite\.yaml:1:/],
  ])('%#: %.40s', (text, expected) => {
    expect(refusal(text).message).toMatch(expected);
    // One line an issue, without a picture of the source.
    expect(
      refusal(text)
        .message.split('\n')
        .every((line) => line.startsWith('suite.yaml:')),
    ).toBe(true);
  });

  test('an alias bomb, at once', () => {
    const levels = Array.from(
      { length: 25 },
      (_, level) =>
        `l${level}: &l${level} [${Array(9)
          .fill(level === 0 ? 'lol' : `*l${level - 1}`)
          .join(', ')}]`,
    );
    expect(refusal(`${levels.join('\n')}\n${head}cases: [{ id: a, inputs: *l24 }]`).message).toBe(
      'suite.yaml: uses more than 100 aliases, or aliases that multiply',
    );
  });

  test.each([
    ['context', `${head}context: { a: 1, <<: { b: 2 } }\ncases: [{ id: a, inputs: [x] }]`, 4],
    ['case', `${head}cases:\n  - id: a\n    inputs: [x]\n    context:\n      <<: { b: 2 }`, 8],
  ])('a merge key in a %s', (_, text, line) => {
    expect(refusal(text).issues).toMatchObject([
      { line, message: expect.stringContaining('merge keys (<<)') as string },
    ]);
  });

  test.each([
    ['numbers and texts', '{ 1: a, "1": b }', /Map keys must be unique/],
    ['nothing and an empty text', '{ : a, "": b }', /Map keys must be unique/],
    ['an alias', '{ &city city: a, *city : b }', /All keys must be strings/],
    ['a list', '{ [a, b]: 1 }', /All keys must be strings/],
  ])('keys that would be one field: %s', (_, context, message) => {
    expect(refusal(`${head}context: ${context}\ncases: [{ id: a, inputs: [x] }]`).issues).toMatchObject([
      { line: 4, message: expect.stringMatching(message) as string },
    ]);
  });

  test.each(['.nan', '-.inf', '1e400', '12345678901234567890', '-9007199254740993', '0x20000000000001'])(
    'the number %s, of which another would be sent',
    (number) => {
      const text = `${head}cases: [{ id: a, inputs: [x], context: { account: ${number} } }]`;
      expect(refusal(text).message).toBe(
        'suite.yaml:4:51: is a number that would change when it is sent: put it in quotes',
      );
    },
  );

  test.each([
    ['a set', '', '!!set { x }', /Unresolved tag: .*set/],
    ['a date', '', '!!timestamp 2024-01-01', /Unresolved tag: .*timestamp/],
    ['what YAML 1.1 reads differently', '%YAML 1.1\n---\n', 'yes', /Unsupported YAML version 1.1/],
  ])('%s', (_, directive, value, message) => {
    const text = `${directive}${head}cases: [{ id: a, inputs: [x], context: { a: ${value} } }]`;
    expect(refusal(text).message).toMatch(message);
  });

  test('but large numbers that stay as they are pass', () => {
    const numbers = '{ a: 1152921504606847000, b: 1e21, c: -0.5, d: 0xff, e: 123456789.25 }';
    const { cases } = parseSuite(`${head}cases: [{ id: a, inputs: [x], context: ${numbers} }]`, 'suite.yaml');
    expect(cases[0]?.simulation.context).toEqual({ a: 1152921504606847000, b: 1e21, c: -0.5, d: 255, e: 123456789.25 });
  });

  test('but a quoted << is a key like any other', () => {
    const { cases } = parseSuite(`${head}context: { "<<": 1 }\ncases: [{ id: a, inputs: [x] }]`, 'suite.yaml');
    expect(cases[0]?.simulation.context).toEqual({ '<<': 1 });
  });

  test('an expected entity named __proto__ is kept', () => {
    const { cases } = parseSuite(
      `${head}cases: [{ id: a, inputs: [x], assertions: [{ stepIndex: 0, expectedIntent: y, expectedEntities: { __proto__: z } }] }]`,
      'suite.yaml',
    );
    expect(Object.entries(cases[0]?.simulation.assertions[0]?.expectedEntities ?? {})).toEqual([['__proto__', 'z']]);
  });

  test.each([
    ['lists', `context: { a: ${'['.repeat(5000)}${']'.repeat(5000)} }`],
    ['flow that is never closed', `context: { a: ${'['.repeat(5000)}`],
    ['dashes', `context:\n  a:\n    ${'- '.repeat(5000)}x`],
    ['levels that the parser takes', `context: { a: ${'['.repeat(300)}${']'.repeat(300)} }`],
  ])('what is nested too deep: %s', (_, text) => {
    expect(refusal(`${head}${text}\ncases: [{ id: a, inputs: [x] }]`).message).toMatch(
      /nested (?:too|more than 200 levels) deep/,
    );
  });

  test('more tokens than are read, before they are parsed', () => {
    // The parser makes an error of each invalid escape, and does not stop.
    for (const value of [
      `[${'1,'.repeat(600_000)}]`,
      ...['q', 'x', 'xZ1', 'u123'].map((e) => `"${`\\${e}`.repeat(20_000)}"`),
    ]) {
      expect(refusal(`${head}context: { a: ${value} }`).message).toBe('suite.yaml: has more than 500000 tokens');
    }
  });

  test('and no escape that is valid is counted', () => {
    const escapes = ['\\x41', '\\u0041', '\\U00000041', '\\\\q', '\\n', '\\\n  '];
    const value = escapes.join('').repeat(20_000);
    const { cases } = parseSuite(`${head}context: { a: "${value}" }\ncases: [{ id: a, inputs: [x] }]`, 'suite.yaml');
    expect(String(cases[0]?.simulation.context['a'])).toBe('AAA\\q\n'.repeat(20_000));
  });

  test('a device without an end, a pipe without a writer, and a folder', async () => {
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    for (const load of [loadSuite, loadRun])
      for (const file of ['/dev/zero', pipe, folder])
        await expect(load(file)).rejects.toThrow(`${file}: is not a regular file`);
  });

  test('an issue behind an alias is shown at the anchor', () => {
    expect(
      refusal(`${head}cases:\n  - id: a\n    inputs: &in\n      - text: 5\n  - id: b\n    inputs: *in\n`).issues.map(
        ({ line, path }) => [line, path],
      ),
    ).toEqual([
      [7, 'cases[0].inputs[0].text'],
      [7, 'cases[1].inputs[0].text'],
    ]);
  });

  test('JSON with a comment, a trailing comma or a missing brace', () => {
    for (const text of ['{"cases": [], // none\n"botId": "b"}', '{"cases": [],}', '{"cases": [']) {
      expect(refusal(text, 'suite.json').message).toMatch(/^suite\.json(:1:\d+)?: is not JSON: /);
    }
    expect(refusal('{\n"cases": [],}', 'suite.json').issues).toMatchObject([{ line: 2, column: 13, path: '' }]);
  });

  test('a file of 50 MB, without reading it; one that is no text; one that is not there', async () => {
    const large = fileWith('cases:\n');
    truncateSync(large, 50_000_000);
    await expect(loadSuite(large)).rejects.toThrow(`${large}: has 47.7 MiB, more than the limit of 5.0 MiB`);
    const latin1 = fileWith(Buffer.from('name: a\nbotId: é\n', 'latin1'));
    await expect(loadSuite(latin1)).rejects.toThrow(`${latin1}:2: is not UTF-8 text`);
    await expect(loadSuite(join(folder, 'nothing.yaml'))).rejects.toThrow(/nothing\.yaml: cannot be read \(ENOENT\)/);
    const good = fileWith(`${head}cases: [{ id: a, inputs: [x] }]`);
    expect((await loadSuite(good)).cases).toHaveLength(1);
    await expect(loadSuite(good, { maxBytes: 10 })).rejects.toThrow(SuiteFileError);
  });

  test('many issues, of which the message lists twenty', () => {
    const cases = Array.from({ length: 30 }, (_, index) => `  - { id: c${index}, inputs: [] }`).join('\n');
    const { message, issues } = refusal(`${head}cases:\n${cases}`);
    expect(issues).toHaveLength(30);
    expect(message.split('\n')).toHaveLength(21);
    expect(message).toMatch(/and 10 more$/);
    const twenty = cases.split('\n').slice(0, 20).join('\n');
    expect(refusal(`${head}cases:\n${twenty}`).message.split('\n')).toHaveLength(20);
  });

  test('nothing where there are no files', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    onTestFinished(() => void vi.restoreAllMocks());
    for (const open of [loadSuite('x.yaml'), loadRun('x.json'), openJournal('x.jsonl')]) {
      await expect(open).rejects.toMatchObject({
        name: 'ConfigurationError',
        message: expect.stringContaining('Node 22.3') as string,
      });
    }
  });
});
