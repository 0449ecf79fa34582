/** Returns a pattern that matches a text literally, with and without the flags `u` and `i`. */
export function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
