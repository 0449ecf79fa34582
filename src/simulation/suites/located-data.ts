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
  type YAMLMap,
} from 'yaml';
import { checkJsonDepth } from '../../json.js';
import { SuiteFileError, type FileIssue } from '../../errors.js';

/** Aliases of YAML that are followed; enough for a person, too few for a bomb. */
const MAX_ALIASES = 100;
/** Tokens of a file: about ten thousand cases. The parser takes microseconds for each. */
const MAX_TOKENS = 500_000;
/** Errors of syntax that are reported; the rest mostly follows from the first ones. */
const MAX_SYNTAX_ERRORS = 10;

/** Where something is in a file; lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Data of a file that still knows where each value came from. */
export interface LocatedData {
  /** The data. */
  readonly value: unknown;
  /** The place of the value at a path, or of the closest one around it that is there. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place;
}

/**
 * Reads JSON (a file whose name ends in `.json`) or YAML 1.2.
 *
 * @throws `SuiteFileError` for errors of syntax, for tags that mean nothing here, for data that contains itself,
 * and for aliases that multiply.
 */
export function readData(text: string, file: string): LocatedData {
  if (file.endsWith('.json')) checkJson(text, file);
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  checkSize(text, file);
  // The parser of YAML reads JSON as well, and it alone tells where a value stands.
  const document = parse(text, file, lines);
  const problems = [...document.errors, ...document.warnings, ...keyProblems(document)].slice(0, MAX_SYNTAX_ERRORS);
  if (problems.length > 0) {
    throw new SuiteFileError(
      file,
      problems.map(({ pos, message }) => ({
        ...placeAt(pos[0]),
        path: '',
        message: message.startsWith('Maximum call stack') ? 'is nested too deep' : message,
      })),
    );
  }
  return {
    value: toValue(document, file),
    placeOf: (path) => placeAt(offsetOf(document, path)),
  };
}

/** Refuses what would take the parser for ever, at a hundredth of its time. */
function checkSize(text: string, file: string): void {
  let tokens = 0;
  for (const token of new Lexer().lex(text)) {
    // An escape that does not exist is an error of its own.
    tokens += token.startsWith('"') ? token.split('\\').length : 1;
    if (tokens <= MAX_TOKENS) continue;
    throw new SuiteFileError(file, [{ path: '', message: `has more than ${MAX_TOKENS} tokens` }]);
  }
}

/** The parser works by recursion, and tells of its end in one of two ways. */
function parse(text: string, file: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    throw new SuiteFileError(file, [{ path: '', message: explain(error) }], { cause: error });
  }
}

/** Keys that come twice, which the parser looks for in quadratic time, and merge keys, which are none in YAML 1.2. */
function keyProblems(document: Document): { pos: [number]; message: string }[] {
  const problems: { pos: [number]; message: string }[] = [];
  const check = (_: unknown, { items }: YAMLMap): void => {
    const seen = new Set<unknown>();
    for (const { key } of items) {
      if (!isScalar(key)) continue;
      const pos: [number] = [rangeStart(key) ?? 0];
      if (seen.has(key.value)) problems.push({ pos, message: 'Map keys must be unique' });
      if (key.value === '<<' && key.type === 'PLAIN') {
        problems.push({ pos, message: 'merge keys (<<) are not a part of YAML 1.2: write the fields out' });
      }
      seen.add(key.value);
    }
  };
  if (document.errors.length === 0) visit(document, { Map: check });
  return problems;
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
  if (error instanceof RangeError) return 'is nested too deep';
  if (error instanceof TypeError) return 'contains itself by an alias';
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
