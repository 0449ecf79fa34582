import { createInterface, type Interface } from 'node:readline';

/** What comes on the standard input. */
export interface Input<T> {
  /** Ends with the standard input, or with {@link Input.close}. */
  readonly values: AsyncIterable<T>;
  close(): Promise<void>;
}

/**
 * Reads one JSON object from each line; a line without one, or of which `read` makes nothing, is named and left out.
 */
export function standardInput<T>(
  read: (value: Readonly<Record<string, unknown>>) => T | undefined,
  expected: string,
): Input<T> {
  let lines: Interface | undefined;
  async function* values(): AsyncGenerator<T> {
    // Not earlier: lines are lost that come while nobody iterates.
    lines = createInterface({ input: process.stdin });
    for await (const line of lines) {
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
