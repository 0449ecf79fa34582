import { RequestValidationError } from './errors.js';

/** Limit of nested levels in JSON from outside, safe for recursion. */
const MAX_JSON_DEPTH = 200;
const TOO_DEEP = `nested more than ${MAX_JSON_DEPTH} levels deep`;

const syntaxError = (problem: string): Error => new SyntaxError(problem);

/**
 * Parses JSON from outside. Drops fields named `__proto__` at every depth: a later `Object.assign` would set the
 * prototype.
 *
 * @param source - the text, or its bytes in UTF-8.
 * @param fail - creates the error from the problem, which does not quote the text. @defaultValue a `SyntaxError`
 * @throws the error of `fail` for invalid JSON, or more than 200 nested levels.
 */
export function parseJson(source: string | Uint8Array, fail: (problem: string) => Error = syntaxError): unknown {
  let text: string;
  let value: unknown;
  try {
    text = typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true }).decode(source);
    // .NET may write a byte order mark, which a reader may ignore (RFC 8259 §8.1), as decoders of bytes do.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw fail('not valid JSON');
  }
  // Each level takes two characters. A short text is searched faster than its tree is walked; a name may be escaped.
  const mustWalk = text.length > 2 * MAX_JSON_DEPTH || text.includes('__proto__') || text.includes('\\u00');
  if (mustWalk && isObject(value)) dropProto(value, 1, fail);
  return value;
}

/** Parses like {@link parseJson}; returns `undefined` instead of throwing. */
export function readJson(source: string): unknown {
  try {
    return parseJson(source);
  } catch {
    return undefined;
  }
}

/**
 * Drops fields named `__proto__`, and checks the depth. Runs for most frames, so it makes no lists of fields: parsed JSON
 * has only its own, and the depth is safe for recursion.
 */
function dropProto(node: Record<string, unknown>, depth: number, fail: (problem: string) => Error): void {
  if (depth > MAX_JSON_DEPTH) throw fail(TOO_DEEP);
  if (Array.isArray(node)) {
    for (const child of node as unknown[]) if (isObject(child)) dropProto(child, depth + 1, fail);
    return;
  }
  for (const name in node) {
    const child = node[name];
    if (name === '__proto__') Reflect.deleteProperty(node, name);
    else if (isObject(child)) dropProto(child, depth + 1, fail);
  }
}

/** Checks the depth of a tree, without recursion. @throws the error of `fail` for more than 200 levels. */
export function checkJsonDepth(tree: unknown, fail: (problem: string) => Error = syntaxError): void {
  let level: object[] = isObject(tree) ? [tree] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) throw fail(TOO_DEEP);
    const next: object[] = [];
    for (const node of level) {
      for (const child of (Array.isArray(node) ? node : Object.values(node)) as unknown[]) {
        if (isObject(child)) next.push(child);
      }
    }
    level = next;
  }
}

/**
 * Serializes a value as JSON.
 *
 * @returns `undefined` for a value that JSON cannot express: cycles, BigInts, functions, and too many levels for the
 *   stack.
 */
export function writeJson(value: unknown): string | undefined {
  try {
    // The library's types omit that it returns `undefined` for values that JSON cannot express.
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Serializes a request as JSON. @throws {@link RequestValidationError} for what JSON cannot express. */
export function toJson(value: unknown, subject: string): string {
  const text = writeJson(value);
  if (text !== undefined) return text;
  throw new RequestValidationError(subject, [{ path: '', message: 'cannot be written as JSON' }]);
}

/** Returns whether a value is an object or a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Returns whether a value is an object and not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
