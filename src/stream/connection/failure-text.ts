import { AgentAssistError } from '../../errors.js';
import { redact } from '../../http/internal.js';

const encoder = new TextEncoder();

/** Returns the issue of a frame over the limit. */
export function tooLarge(maxFrameBytes: number): string {
  return `must be at most ${maxFrameBytes} bytes`;
}

/** Returns whether a text has too many bytes. Counts them only if the number of characters does not decide it. */
export function isLarger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && (text.length > maxBytes || encoder.encode(text).length > maxBytes);
}

/** Returns the system's code of a failure. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}

/**
 * Returns the printable part of a failure: its system code, or a message of plain words. Any other message could
 * contain the URL and with it a secret, so neither it nor the error itself is passed on.
 */
export function describe(error: unknown, secrets: readonly string[]): string | undefined {
  const code = codeOf(error);
  if (code !== undefined) return code;
  if (!(error instanceof Error) || !/^[A-Za-z][A-Za-z -]{3,80}$/.test(error.message)) return undefined;
  return redact(error.message, secrets);
}

/**
 * Describes what a protocol threw: the message of an error of this package, otherwise name and place, since the message
 * may quote a frame.
 */
export function protocolFailure(error: unknown): string {
  if (error instanceof AgentAssistError) return error.message;
  if (!(error instanceof Error)) return typeof error;
  const { name, message, stack = '' } = error;
  // The lines of the calls follow the message, which may have several lines itself.
  const [, calls = ''] = stack.split(message === '' ? '\n' : `: ${message}`);
  // Past `JSON.parse (<anonymous>)` and the like, to the first line of code.
  const place = /^(?:\s+at [^\n]*<anonymous>\)?)*\s+(at [^\n]+)/.exec(calls)?.[1];
  return place === undefined ? name : `${name} ${place}`;
}
