import { RequestValidationError } from './errors.js';

/** Levels of lists and objects that JSON from outside may have; whatever walks it by recursion is safe with so many. */
const MAX_JSON_DEPTH = 200;

/** Escapes that a field `__proto__` could be spelled with. */
const ESCAPED_PROTO = /\\u00[567]/;

/**
 * Reads JSON that comes from outside. A field named `__proto__` is dropped at every depth: an `Object.assign` further on
 * would take it for the prototype.
 *
 * @param source - the text, or its bytes in UTF-8.
 * @throws `SyntaxError` for what is no JSON, or nested more than 200 levels deep. Its message quotes
 * nothing of the text.
 */
export function parseJson(source: string | Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError('not valid JSON');
  }
  // The search for a plain string is several times faster than a regular expression, and this is done for each frame.
  const namesProto = text.includes('__proto__') || (text.includes('\\u00') && ESCAPED_PROTO.test(text));
  // Each level takes two characters, so that most frames of a stream need no second look.
  if (!namesProto && text.length <= 2 * MAX_JSON_DEPTH) return value;
  checkJsonDepth(value, namesProto ? dropProto : undefined);
  return value;
}

/** What {@link parseJson} reads; `undefined` for what is no JSON, or nested too deep. */
export function readJson(source: string): unknown {
  try {
    return parseJson(source);
  } catch {
    return undefined;
  }
}

/**
 * Checks how deep a tree is nested, without recursion.
 *
 * @param visit - called with every list and object.
 * @throws `SyntaxError` if it has more than 200 levels.
 */
export function checkJsonDepth(tree: unknown, visit?: (node: object) => void): void {
  let level: object[] = isObject(tree) ? [tree] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) throw new SyntaxError(`nested more than ${MAX_JSON_DEPTH} levels deep`);
    const next: object[] = [];
    for (const node of level) {
      visit?.(node);
      for (const child of (Array.isArray(node) ? node : Object.values(node)) as unknown[]) {
        if (isObject(child)) next.push(child);
      }
    }
    level = next;
  }
}

/**
 * A value as JSON.
 *
 * @returns `undefined` for what JSON cannot hold: circles, BigInts, functions, and what is nested too deep for the stack.
 */
export function writeJson(value: unknown): string | undefined {
  try {
    // The library's types leave out that it returns `undefined` for what is no JSON.
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/**
 * What is sent, as JSON.
 *
 * @throws {@link RequestValidationError} for what JSON cannot hold.
 */
export function toJson(value: unknown, subject: string): string {
  const text = writeJson(value);
  if (text !== undefined) return text;
  throw new RequestValidationError(subject, [{ path: '', message: 'cannot be written as JSON' }]);
}

function dropProto(node: object): void {
  Reflect.deleteProperty(node, '__proto__');
}

/** Whether a value is an object or a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether a value is an object and not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
