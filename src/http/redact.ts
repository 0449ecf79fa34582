import { escapeForRegExp } from '../regexp.js';

/** Returns a pattern for what is assigned to a name, in JSON also within JSON. */
const assigned = (name: string, value: string): RegExp =>
  new RegExp(String.raw`(${name}(?:\\{0,8}["'])?\s*[=:]\s*(?:\\{0,8}["'])?${value}[^\s"'\\&,;}]+`, 'gi');

/** Credentials by their form, each after a first group that stays. */
export const CREDENTIALS: readonly RegExp[] = [
  assigned('authorization', String.raw`(?:(?:basic|bearer|token|digest)\s+)?)`),
  // Words of less than sixteen letters stay: "Bearer token expired" and the like remain readable.
  /(\b(?:[Bb]earer|[Bb]asic|BEARER|BASIC)\s+)(?=[\w.~+/=-]*(?:[\d~+/=_]|[a-z][A-Z]|\w\.\w)|[\w-]{16})[\w.~+/=-]+/g,
  // A JSON Web Token (RFC 7519), such as an id token that only its issuer knows.
  /()(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*/g,
  assigned('(?:_token|secret|api.?key|password|pwd)', ')'),
  // User and password of a URL (RFC 3986, section 3.2.1).
  /(:\/\/)[^\s/?#"'<>\\]{1,500}(?=@)/g,
];

/** Line breaks forge lines of a log, and escape sequences control the terminal that shows it. */
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** A backslash of JSON, also in JSON within JSON or percent-encoded. Every repetition is bounded. */
const BACKSLASH = String.raw`(?:\\|%(?:25){0,3}5c)`;
const AMPERSAND = String.raw`(?:&|u0026)(?:amp;){0,3}`;
const HTML_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const LETTER_HEX = String.raw`3\d|[46][1-9a-f]|[57][\da]`;
const LETTER_DECIMAL = String.raw`4[89]|5[0-7]|6[5-9]|[789]\d|1[01]\d|12[0-2]`;
/** A letter or digit as a number, e.g. `%41`, `\u0041`, `&#x41;` and `&#65;`. */
const ENCODED_LETTER = new RegExp(
  `(?:%(?:25){0,3}|${BACKSLASH}{1,8}u00)(${LETTER_HEX})|${AMPERSAND}#(?:x0{0,6}(${LETTER_HEX})|0{0,6}(${LETTER_DECIMAL}));`,
  'gi',
);
/** The last character of base64, which depends on what follows the secret, and the padding. */
const BASE64_END = String.raw`[a-z\d+/_-]?(?:=|%(?:25){0,3}3d){0,2}`;
/** Shorter texts occur by chance in texts without the secret. */
const MIN_BASE64_LENGTH = 8;
const encoder = new TextEncoder();

/**
 * Removes credentials from an external text before it enters an error or a log: the given secrets in every common
 * encoding (percent, form, JSON, HTML, each even if repeated, and base64), and whatever looks like a credential. Runs
 * of control characters become a space.
 */
export function redact(text: string, secrets: Iterable<string> = []): string {
  if (isShortWord(text, secrets)) return text;
  let result = withoutSecrets(text, secrets);
  // Matching encoded letters too would make the pattern too large for a long token.
  const decoded = result.replaceAll(ENCODED_LETTER, decodeLetter);
  const clean = decoded === result ? decoded : withoutSecrets(decoded, secrets);
  if (clean !== decoded) result = clean;
  for (const pattern of CREDENTIALS) result = result.replace(pattern, '$1[redacted]');
  return result.replace(CONTROL_CHARACTERS, ' ');
}

/** Returns whether a text is a word that is shorter than every secret, e.g. a request id: it can hold no credential. */
function isShortWord(text: string, secrets: Iterable<string>): boolean {
  if (!/^[\w-]*$/.test(text)) return false;
  for (const { length } of secrets) if (length <= text.length) return false;
  return true;
}

function decodeLetter(_: string, percent?: string, htmlHex?: string, decimal?: string): string {
  return String.fromCharCode(parseInt(percent ?? htmlHex ?? decimal ?? '', decimal === undefined ? 16 : 10));
}

/**
 * Replaces the given secrets in every usual encoding, and nothing else: for content that must not change otherwise. In
 * one pass, so that no secret is searched for in the replacement of another. In any case, since services change that of
 * keys in hexadecimal.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  const lower = text.toLowerCase();
  const patterns = Array.from(secrets)
    .filter((secret) => secret !== '')
    .flatMap((secret) => {
      const base64 = [...new Set([secret, formEncoded(secret)])].flatMap((form) => base64Of(form, text.length));
      return [{ needle: secret, end: '' }, ...base64.map((needle) => ({ needle, end: BASE64_END }))];
    })
    .filter(({ needle }) => mayHold(lower, needle.toLowerCase()))
    .map(({ needle, end }) => spelled(needle) + end)
    .sort((a, b) => b.length - a.length);
  return patterns.length === 0 ? text : text.replaceAll(new RegExp(patterns.join('|'), 'gi'), '[redacted]');
}

/** Quick check: no encoding shortens a text or changes its letters and digits, and most texts quote nothing. */
function mayHold(text: string, needle: string): boolean {
  return needle.length <= text.length && text.includes(/[a-z\d]+/.exec(needle)?.[0] ?? '');
}

/** Returns a pattern for all encodings of a text. They differ only in characters other than letters and digits. */
function spelled(text: string): string {
  return text.replaceAll(/\\+|[^A-Za-z\d]/gu, (part) => {
    const count = part.length;
    const isBackslash = part.startsWith('\\');
    const raw = isBackslash ? `${BACKSLASH}{${count},${8 * count}}` : escapeForRegExp(part);
    const json = isBackslash ? [] : [escapeForRegExp(JSON.stringify(part).slice(1, -1).replace(/^\\/, ''))];
    const utf16 = part.split('').map((unit) => `u${hex(unit.charCodeAt(0), 4)}`);
    const bytes = [...encoder.encode(part)].map((byte) => `%(?:25){0,3}${hex(byte, 2)}`);
    const html = Array.from(part, (char) => {
      const code = char.codePointAt(0) ?? 0;
      const name = HTML_NAMES[char] === undefined ? '' : `${HTML_NAMES[char]}|`;
      return `${AMPERSAND}(?:${name}#0{0,6}${code}|#x0{0,6}${hex(code)});`;
    });
    const form = part === ' ' ? ['\\+'] : [];
    // The shortest come last: `&` is also the beginning of `&amp;`.
    const encodings = [html.join(''), utf16.join(`${BACKSLASH}{1,8}`), bytes.join(''), ...form, ...json, raw];
    return `${BACKSLASH}{0,8}(?:${encodings.join('|')})`;
  });
}

function hex(value: number, length = 1): string {
  return value.toString(16).padStart(length, '0');
}

/** Returns the part of the base64 that every text with this secret contains, at each of three offsets. */
function base64Of(text: string, maxLength: number): readonly string[] {
  if (text.length * 1.3 > maxLength + 3) return [];
  const binary = Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join('');
  return [0, 2, 3].flatMap((uncertain, offset) => {
    const base64 = btoa('\0'.repeat(offset) + binary)
      .slice(uncertain)
      .replace(/.=+$/, '');
    return base64.length < MIN_BASE64_LENGTH ? [] : [base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** How many tokens of a stream are removed: a server may quote one that it has seen before. */
const MAX_TOKENS = 5;

/** Adds the current token to the last ones. */
export function rememberToken(tokens: Set<string>, token: string): void {
  tokens.delete(token);
  tokens.add(token);
  const [oldest] = tokens;
  if (oldest !== undefined && tokens.size > MAX_TOKENS) tokens.delete(oldest);
}

/** Returns a text form-encoded (`application/x-www-form-urlencoded`). */
export function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
