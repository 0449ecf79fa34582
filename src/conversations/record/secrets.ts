import { withoutCredentials, withoutSecrets } from '../../http/internal.js';
import { parseJson, writeJson } from '../../json.js';
import type { RecordedEvent } from '../types.js';
import { mapTree, namesInteraction } from './tree.js';

const REDACTED = '[redacted]';

/** A field whose whole value is a credential, e.g. `Authorization`, `set-cookie`, `accessToken`, `client_secret`. */
const SECRET_FIELD =
  /(?:authorization|cookie|tokens?|secrets?|passwords?|passwd|passphrase|apikeys?|accesskeys?|privatekeys?|credentials?|jwt)$/;

/** A long word of lowercase and uppercase letters and digits is an opaque token; UUIDs and hex digits are not. */
const OPAQUE = /(?<![\w+=-])(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])(?=[\w+=-]*\d)[\w+=-]{24,}/g;

const isSecretField = (name: string): boolean => SECRET_FIELD.test(name.toLowerCase().replaceAll(/[^a-z]/g, ''));

function cleanText(text: string, field: string): string {
  const clean = withoutCredentials(text);
  return namesInteraction(field) ? clean : clean.replace(OPAQUE, REDACTED);
}

/**
 * Returns a copy of an event without credentials: the given secrets in every common encoding, values of fields that are
 * named like one, `Authorization` values, JSON Web Tokens, and long words that look like opaque tokens.
 *
 * @returns `undefined` for what JSON cannot express, or a secret that the JSON cannot be written without.
 */
export function eventWithoutSecrets(event: object, secrets: readonly string[]): RecordedEvent | undefined {
  const text = writeJson(event);
  if (text === undefined) return undefined;
  try {
    return mapTree(parseJson(withoutSecrets(text, secrets)), {
      leaf: (value, field) => (typeof value === 'string' ? cleanText(value, field) : value),
      field: (name) => cleanText(name, ''),
      value: (name) => (isSecretField(name) ? REDACTED : undefined),
    }) as RecordedEvent;
  } catch {
    return undefined;
  }
}
