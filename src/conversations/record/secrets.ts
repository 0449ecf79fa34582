import { CREDENTIALS, withoutSecrets } from '../../http/internal.js';
import { parseJson, writeJson } from '../../json.js';
import type { RecordedEvent } from '../types.js';
import { readText, redactText, type Range, type TextView } from './text-view.js';
import { lastWord, mapTree, namesInteraction } from './tree.js';

const REDACTED = '[redacted]';
/** Quick check: a name with its value, or a long word. */
const MAY_BE_SECRET = /[=:]|[\w+/.-]{16}|bearer|basic/i;

/** A field whose whole value is a credential, e.g. `Authorization`, `set-cookie`, `accessToken`, `client_secret`. */
const SECRET_FIELD =
  /(?:authorization|cookie|tokens?|secrets?|passwords?|passwd|passphrase|passcode|(?:api|access|private|secret|signing|encryption|webhook)keys?|credentials?|jwt)(?:value|pem)?$|^(?:(?:connect)?sid|(?:j|php|asp)sess(?:ion)?id)$/;
/** The last word of such a name, which other words end with too, e.g. `author` does not. */
const SECRET_WORD = lastWord('pass|pwd|bearer|auth|oauth|pin|otp|cvv|cvc|csc');

/** Such a name of what people type, which may be a number; other numbers are e.g. a count of tokens. */
const TYPED_SECRET = /pass(?:word|code|wd)$|pwd$|(?:pin|otp|cvv|cvc|csc)\d?$/i;

/** Credentials by their form that only occur in content; short names also begin other texts. */
const MORE_CREDENTIALS = [
  // A quoted value may have several words.
  /((?:_token|secret|api.?key|pass(?:word|wd|phrase)?|pwd)["']?\s{0,8}[=:]\s{0,8}(["']))[^"'\n]{1,200}(?=\2)/gi,
  /(cookie["']?\s{0,8}[=:]\s{0,8}["']?)[^\s=;,"']{1,99}=[^\s;,"']*(?:;\s?[\w-]{1,99}(?:=[^\s;,"']*)?)*/gi,
  /((?<![a-z])(?:auth|bearer|passwd|\w{0,20}token|sid|pin|otp|cv[cv]2?)(?:["']\s{0,8}:\s{0,8}["']?|=))(?![{[])[^\s"'&,;}]+/gi,
  /()(?<![a-z\d])(?:[rsp]k_(?:live|test)|whsec|gh[oprsu]|github_pat|glpat|xox[abeprs]|npm|sk)[_-][\w-]{16,}/gi,
];
/** A long word of lowercase and uppercase letters and digits is an opaque token; UUIDs and hex digits are not. */
const OPAQUE = /()(?<![\w+=-])(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])(?=[\w+=-]*\d)[\w+=-]{24,}/g;
/** As above with slashes, but not in the path of a URL. */
const BASE64 =
  /()(?<![\w+/.])(?=[A-Za-z+/]*\d)(?=[A-Z\d+/]*[a-z])(?=[a-z\d+/]*[A-Z])[A-Za-z\d+][A-Za-z\d+/]{23,}={0,2}/g;
const CHANGE_OF_KIND = /[a-z][A-Z]|[A-Z]{2}|\d[A-Za-z]|[A-Za-z]\d/g;

const isSecretField = (name: string): boolean =>
  SECRET_FIELD.test(name.toLowerCase().replaceAll(/[^a-z]/g, '')) || SECRET_WORD.test(name);

function isSecret(name: string, value: unknown): boolean {
  if (typeof value === 'boolean' || (typeof value === 'number' && !TYPED_SECRET.test(name))) return false;
  return isSecretField(name);
}

/** In random text, the kind of character changes often; in the words of a path, it rarely does. */
const isRandom = (text: string): boolean => 4 * (text.match(CHANGE_OF_KIND)?.length ?? 0) >= text.length;

/** Bytes in hex digits. */
const HEX = /(?:[\da-f]{2}){8,}/gi;
const utf8 = new TextDecoder();

function holdsInHex(hex: string, secrets: readonly string[]): boolean {
  // A digit may stand before the first byte.
  const texts = [hex, hex.slice(1)].map((digits) =>
    utf8.decode(Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16))),
  );
  return secrets.some((secret) => texts.some((text) => text.includes(secret)));
}

function markSecrets(view: TextView, secrets: readonly string[]): void {
  view.mark(HEX, REDACTED, (hex) => holdsInHex(hex, secrets));
  for (const secret of secrets) {
    const ranges: Range[] = [];
    for (let at = view.text.indexOf(secret); at >= 0; at = view.text.indexOf(secret, at + secret.length))
      ranges.push({ startsAt: at, endsAt: at + secret.length });
    view.markRanges(ranges, REDACTED);
  }
}

/** @param secrets - not empty, and as they are read. */
function cleanText(text: string, field: string, secrets: readonly string[]): string {
  const mayHold = (reading: string): boolean =>
    MAY_BE_SECRET.test(reading) || (reading !== text && secrets.some((secret) => reading.includes(secret)));
  return redactText(text, mayHold, (view) => {
    if (secrets.length > 0) markSecrets(view, secrets);
    for (const pattern of [...CREDENTIALS, ...MORE_CREDENTIALS]) view.mark(pattern, REDACTED);
    if (namesInteraction(field)) return;
    view.mark(OPAQUE, REDACTED);
    view.mark(BASE64, REDACTED, isRandom);
  });
}

/**
 * Returns a copy of an event without credentials: the given secrets in every common encoding, values of fields that are
 * named like one, `Authorization` values, cookies, JSON Web Tokens, users and passwords of URLs, and long words that look
 * like opaque tokens. Texts are read as in {@link redactText}.
 *
 * @returns `undefined` for what JSON cannot express, or a secret that the JSON cannot be written without.
 */
export function eventWithoutSecrets(event: object, secrets: readonly string[]): RecordedEvent | undefined {
  const text = writeJson(event);
  if (text === undefined) return undefined;
  const known = [...new Set(secrets.map(readText))].filter((secret) => secret !== '');
  try {
    return mapTree(parseJson(withoutSecrets(text, secrets)), {
      leaf: (value, field) => (typeof value === 'string' ? cleanText(value, field, known) : value),
      field: (name) => cleanText(name, '', known),
      value: (name, value) => (isSecret(readText(name), value) ? REDACTED : undefined),
    }) as RecordedEvent;
  } catch {
    return undefined;
  }
}
