const CREDENTIAL_PATTERNS: readonly (readonly [RegExp, string])[] = [
  // What follows is no plain word of less than sixteen letters: "Bearer token expired" and the like are left readable.
  [
    /\b([Bb]earer|[Bb]asic|BEARER|BASIC)\s+(?=[\w.~+/=-]*(?:[\d~+/=_]|[a-z][A-Z]|\w\.\w)|[\w-]{16})[\w.~+/=-]+/g,
    '$1 [redacted]',
  ],
  [
    /\b(access_token|refresh_token|client_secret|api_key|apikey|password)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    '$1$2[redacted]',
  ],
];

/** Line breaks forge lines of a log, escape sequences drive the terminal that shows it. */
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/**
 * Removes credentials from a text that comes from outside and is about to enter an error or a log: the given secrets,
 * also percent-encoded or as they stand in JSON, and whatever looks like an `Authorization` value or a token parameter.
 * Runs of control characters become a space.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let result = withoutSecrets(text, secrets);
  for (const [pattern, replacement] of CREDENTIAL_PATTERNS) result = result.replace(pattern, replacement);
  return result.replace(CONTROL_CHARACTERS, ' ');
}

/** In one pass, so that no secret is looked for in what stands for another. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, formEncoded(secret), percentEncoded(secret), JSON.stringify(secret).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length);
  if (spellings.length === 0) return text;
  const any = spellings.map((spelling) => spelling.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|');
  return text.replaceAll(new RegExp(any, 'g'), '[redacted]');
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** As in a path, where a space is `%20` and not `+`. */
function percentEncoded(text: string): string {
  return formEncoded(text).replaceAll('+', '%20');
}
