import { readFileSync, readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { AgentAssistError } from 'agent-assist-sdk';
import { expect, it } from 'vitest';

/** One value of each kind. */
const KINDS: readonly unknown[] = [null, undefined, 7, -1, true, 'text', [], [null], {}, () => 0];

/** A place that takes a value of any kind. */
class AnyKind {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

export const anyKind = (value: unknown): AnyKind => new AnyKind(value);

type Take = (...args: readonly unknown[]) => unknown;

/** What is called, and valid arguments. */
export interface Called {
  readonly take: Take;
  readonly args: readonly unknown[];
}

/** A function or a class with valid arguments. */
export const called = (take: unknown, ...args: readonly unknown[]): Called => ({ take: take as Take, args });
export const created = (type: unknown, ...args: readonly unknown[]): Called => ({
  take: (...given): unknown => Reflect.construct(type as new () => object, given),
  args,
});

/** The methods of what `make` returns, anew for each call, with valid arguments. */
export function methodsOf(
  name: string,
  make: () => object,
  methods: Readonly<Record<string, readonly unknown[]>>,
): Record<string, Called> {
  const callOf = (method: string): Take => {
    return (...given) => (make() as Readonly<Record<string, Take>>)[method]?.(...given);
  };
  return Object.fromEntries(
    Object.entries(methods).map(([method, args]) => [`${name}.${method}`, { take: callOf(method), args }]),
  );
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);

/** Takes what a call returns: the first item of what it iterates over, and its end. */
async function use(returned: unknown): Promise<void> {
  const { [Symbol.asyncIterator]: iterate, [Symbol.asyncDispose]: close } = Object(returned) as Partial<
    AsyncIterable<unknown> & AsyncDisposable
  >;
  if (iterate !== undefined) await iterate.call(returned).next();
  else if (close !== undefined) await close.call(returned);
}

/** Long enough for a busy machine; only what never settles needs it. */
const HANGS_AFTER_MS = 5000;

/** Returns `refused` for a typed error about the arguments, `taken` without one, else what went wrong. */
async function outcomeOf(call: () => unknown): Promise<string> {
  const { promise: hung, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve('never settled'), HANGS_AFTER_MS);
  const settled = Promise.resolve()
    .then(call)
    .then(use)
    .then(
      () => 'taken',
      (error: unknown) => {
        if (!(error instanceof AgentAssistError)) return String(error);
        return ['invalid_configuration', 'invalid_request'].includes(error.code) ? 'refused' : 'taken';
      },
    );
  return Promise.race([settled, hung]).finally(() => clearTimeout(timer));
}

/**
 * Calls a function with a value of each kind in each place, and returns what went wrong: any other error than a typed
 * one, a promise that never settles, and a wrong kind that is not refused.
 */
async function problemsOf({ take, args }: Called): Promise<readonly string[]> {
  const right = args.map((arg) => (arg instanceof AnyKind ? arg.value : arg));
  const outcome = await outcomeOf(() => take(...right));
  const problems = outcome === 'taken' ? [] : [`the right arguments: ${outcome}`];
  for (const [index, arg] of args.entries()) {
    for (const value of KINDS) {
      // Any text is a text, and would be the name of a file.
      if (typeof value === 'string' && typeof right[index] === 'string') continue;
      const found = await outcomeOf(() => take(...right.with(index, value)));
      // `undefined` leaves an argument out.
      const isWrong = !(arg instanceof AnyKind) && value !== undefined && kindOf(value) !== kindOf(arg);
      if (found !== 'refused' && (isWrong || found !== 'taken'))
        problems.push(`argument ${index} = ${inspect(value)}: ${found}`);
    }
  }
  return problems;
}

/**
 * Returns the names in these API reports of what takes arguments: functions, and classes with their methods, as `Class`
 * and `Class.method`.
 */
export function exportedNames(reports: RegExp): {
  readonly functions: readonly string[];
  readonly methods: readonly string[];
} {
  const folder = new URL('../../docs/api-report/', import.meta.url);
  const text = readdirSync(folder)
    .filter((file) => reports.test(file))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const functions = [...text.matchAll(/^export function (\w+)(?:<.*?>)?\((?!\))/gm)].map(([, name = '']) => name);
  const classes = [...text.matchAll(/^export (?:abstract )?class (\w+)(.*) \{\n((?: .*\n)*)\}/gm)];
  const methods = classes
    .filter(([, , heritage = '']) => !heritage.includes('Error'))
    .flatMap(([, name = '', , body = '']) =>
      [...body.matchAll(/^ {4}(?:static )?(\w+)(?:<.*?>)?\((?!\))/gm)].map(([, method]) =>
        method === 'constructor' ? name : `${name}.${method}`,
      ),
    );
  return { functions: [...new Set(functions)], methods: [...new Set(methods)] };
}

/** Tests each row, and that there is one for each of these names, of which there are more than `atLeast`. */
export function testRows(rows: Readonly<Record<string, Called>>, names: readonly string[], atLeast: number): void {
  it.each(Object.entries(rows))('%s refuses arguments of a wrong kind by a typed error', async (_, row) => {
    expect(await problemsOf(row)).toEqual([]);
  });

  it('covers everything exported that takes arguments', () => {
    expect(names.length).toBeGreaterThan(atLeast);
    expect(names.filter((name) => !(name in rows))).toEqual([]);
  });
}
