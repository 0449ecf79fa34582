import { createInterface, type Interface } from 'node:readline';

/** Values from the standard input. */
export interface Input<T> {
  /** Ends with the standard input, or with {@link Input.close}. */
  readonly values: AsyncIterable<T>;
  close(): Promise<void>;
}

/** Reads one JSON object from each line. Reports and skips a line without one, or one that `read` cannot use. */
export function standardInput<T>(
  read: (value: Readonly<Record<string, unknown>>) => T | undefined,
  expected: string,
): Input<T> {
  let lines: Interface | undefined;
  async function* values(): AsyncGenerator<T> {
    // Not earlier: lines that arrive before the iteration are lost.
    // As bytes: in a text, readline also splits at U+2028, which stands in JSON as it is.
    lines = createInterface({ input: process.stdin.setEncoding('latin1') });
    for await (const bytes of lines) {
      const line = Buffer.from(bytes, 'latin1').toString();
      if (line.trim() === '') continue;
      const value = read(parsed(line));
      if (value === undefined) console.error(`Ignored a line: expected ${expected}`);
      else yield value;
    }
  }
  return {
    values: values(),
    close: () => {
      lines?.close();
      process.stdin.destroy();
      return Promise.resolve();
    },
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
