import {
  Lexer,
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Scalar,
} from 'yaml';
import { checkJsonDepth } from '../../json.js';
import { SuiteFileError, type FileIssue } from '../../errors.js';

/** Limit of YAML aliases; enough for a person, too few for an alias bomb. */
const MAX_ALIASES = 100;
/** Limit of a file's tokens: about ten thousand cases. The parser takes microseconds for each. */
const MAX_TOKENS = 500_000;
/** The parser makes an error of each, and does not stop. A valid escape costs next to nothing. */
const ESCAPE = /\\(?:(x(?![\dA-Fa-f]{2})|u(?![\dA-Fa-f]{4})|U(?![\dA-Fa-f]{8})|[^0abt\tnvfre "/\\N_LPxuU\r\n])|[^])/g;
const INVALID_ESCAPE_COST = 50;
const INTEGER = /^[-+]?(?:\d+|0o\d+|0x[\da-f]+)$/i;
/** Limit of reported syntax errors; further ones mostly follow from the first. */
const MAX_SYNTAX_ERRORS = 10;

/** A position in a file; lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Data of a file with the position of each value. */
export interface LocatedData {
  readonly value: unknown;
  /** Returns the position of the value at a path, or of the closest one around it. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

/**
 * Parses JSON (a file whose name ends in `.json`) or YAML 1.2.
 *
 * @throws `SuiteFileError` for syntax errors, unknown tags, circular data, and aliases that multiply.
 */
export function readData(text: string, file: string): LocatedData {
  if (file.endsWith('.json')) checkJson(text, file);
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  checkSize(text, file);
  // The YAML parser reads JSON too, and only it reports positions.
  const document = parse(text, file, lines);
  const problems = [...document.errors, ...document.warnings, ...dataProblems(document)].slice(0, MAX_SYNTAX_ERRORS);
  if (problems.length > 0) {
    throw new SuiteFileError(
      file,
      problems.map(({ pos, message }) => ({
        ...placeAt(pos[0]),
        path: '',
        message: message.startsWith('Maximum call stack')
          ? 'is nested too deeply'
          : message.replace('With stringKeys, all', 'All'),
      })),
    );
  }
  return {
    value: toValue(document, file),
    placeOf: (path) => placeAt(offsetOf(document, path)),
  };
}

/** Refuses input that the parser would take too long for, at a hundredth of its time. */
function checkSize(text: string, file: string): void {
  let tokens = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1 + (token.startsWith('"') ? INVALID_ESCAPE_COST * invalidEscapes(token) : 0);
    if (tokens <= MAX_TOKENS) continue;
    throw new SuiteFileError(file, [{ path: '', message: `has more than ${MAX_TOKENS} tokens` }]);
  }
}

function invalidEscapes(token: string): number {
  return token.includes('\\') ? [...token.matchAll(ESCAPE)].filter(([, invalid]) => invalid !== undefined).length : 0;
}

/** The parser is recursive, and reports a stack overflow in one of two ways. */
function parse(text: string, file: string, lineCounter: LineCounter): Document {
  try {
    // Known tags make sets, dates and the like, which JSON does not have.
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
      resolveKnownTags: false,
    });
  } catch (error) {
    throw new SuiteFileError(file, [{ path: '', message: explain(error) }], { cause: error });
  }
}

interface Problem {
  readonly pos: readonly [number];
  readonly message: string;
}

/**
 * Returns duplicate keys, which the parser finds in quadratic time, merge keys, which YAML 1.2 does not have, and numbers
 * that would be sent as others.
 */
function dataProblems(document: Document): Problem[] {
  if (document.errors.length > 0) return [];
  const problems: Problem[] = [];
  const add = (node: unknown, message: string): void => void problems.push({ pos: [rangeStart(node) ?? 0], message });
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version === '1.1') add(undefined, 'Unsupported YAML version 1.1');
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) add(key, 'Map keys must be unique');
        if (key.value === '<<' && key.type === 'PLAIN')
          add(key, 'merge keys (<<) are not part of YAML 1.2: write out the fields');
        seen.add(key.value);
      }
    },
    Scalar: (_, node) => {
      if (isInexact(node)) add(node, 'is a number that would change when it is sent: put it in quotes');
    },
  });
  return problems;
}

/** JSON has no infinity and would get `null`; a long integer would lose digits. */
function isInexact({ value, source = '' }: Scalar): boolean {
  if (typeof value !== 'number') return false;
  return !Number.isFinite(value) || (INTEGER.test(source) && !Number.isSafeInteger(value) && String(value) !== source);
}

function toValue(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    JSON.stringify(value);
    checkJsonDepth(value);
    return value;
  } catch (error) {
    const issue: FileIssue = { path: '', message: explain(error) };
    throw new SuiteFileError(file, [issue], { cause: error });
  }
}

function explain(error: unknown): string {
  if (error instanceof SyntaxError) return `is ${error.message}`;
  if (error instanceof RangeError) return 'is nested too deeply';
  if (error instanceof TypeError) return 'contains itself through an alias';
  const message = error instanceof Error ? error.message : 'unreadable';
  return message.startsWith('Excessive alias count')
    ? `uses more than ${MAX_ALIASES} aliases, or aliases that multiply`
    : message;
}

function checkJson(text: string, file: string): void {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
    const place = line === undefined ? {} : { line: Number(line), column: Number(column) };
    throw new SuiteFileError(file, [{ ...place, path: '', message: `is not JSON: ${message}` }], { cause: error });
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const key of path) {
    const container: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap(container)) {
      const pair = container.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) break;
      node = pair.value;
      offset = rangeStart(node) ?? rangeStart(pair.key) ?? offset;
    } else if (isSeq(container) && typeof key === 'number') {
      node = container.items[key];
      offset = rangeStart(node) ?? offset;
    } else break;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}
