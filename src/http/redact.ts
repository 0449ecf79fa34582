const CREDENTIAL_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\b(access_token|refresh_token|client_secret|api_key|apikey|password)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi, '$1$2[redacted]'],
];

/** Line breaks forge lines of a log, escape sequences drive the terminal that shows it. */
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/**
 * Removes credentials from a text that comes from outside and is about to enter an error or a log: the given secrets,
 * also percent-encoded or as they stand in JSON, and whatever looks like an `Authorization` value or a token parameter.
 * Runs of control characters become a space.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let result = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    const spellings = [secret, formEncoded(secret), percentEncoded(secret), JSON.stringify(secret).slice(1, -1)];
    for (const spelling of spellings) result = result.replaceAll(spelling, '[redacted]');
  }
  for (const [pattern, replacement] of CREDENTIAL_PATTERNS) result = result.replace(pattern, replacement);
  return result.replace(CONTROL_CHARACTERS, ' ');
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** As in a path, where a space is `%20` and not `+`. */
function percentEncoded(text: string): string {
  return formEncoded(text).replaceAll('+', '%20');
}
