import * as z from '../../schema.js';
import { filledList, filledString, jsonObject, toIssues, safeParse } from '../../http/internal.js';
import { isRecord } from '../../json.js';
import { withDefaults } from '../build.js';
import type { SuiteCase } from '../run/suite.js';
import { simulationSchema } from '../schemas.js';
import type { SimulationTarget } from '../types.js';
import { readText } from './file-system.js';
import { readData } from './located-data.js';
import { SuiteFileError, type FileIssue } from '../../errors.js';
import { checkKind, checkOptions, required, type Known } from '../../options.js';

/** Default limit of a file in bytes; about ten thousand cases. */
const MAX_BYTES = 5 * 2 ** 20;

/** A suite of simulations. */
export interface SimulationSuite {
  /** Name of the suite in reports. @defaultValue the file name */
  readonly name: string;
  /** The cases; at least one. */
  readonly cases: readonly SuiteCase[];
}

/** Options of {@link parseSuite} and {@link loadSuite}. */
export interface SuiteFileOptions {
  /** Replaces bot, environment or version of every case, e.g. to test a new version. */
  readonly target?: { readonly [Part in keyof SimulationTarget]?: SimulationTarget[Part] | undefined } | undefined;
  /** Largest file in bytes. @defaultValue 5 MiB */
  readonly maxBytes?: number | undefined;
}

const KNOWN: Known<SuiteFileOptions> = { target: 'an object', maxBytes: true };

type Path = readonly PropertyKey[];

const fileShape = z.strictObject({
  name: z.optional(filledString),
  botId: z.optional(filledString),
  environmentId: z.optional(filledString),
  versionId: z.optional(filledString),
  context: z.optional(jsonObject),
  cases: filledList(z.looseObject({ id: filledString, name: z.optional(filledString) })),
});

/**
 * Parses a suite from JSON or YAML text. `botId`, `environmentId`, `versionId` and `context` at the top apply to all
 * cases; a case has the fields of `SimulationDraft`, an `id` and a `name`.
 *
 * @param file - the file's name, for messages; one that ends in `.json` must contain JSON, any other YAML.
 * @throws `SuiteFileError` with line and path of each problem; `ConfigurationError` for an unknown option, and an
 * unknown or empty part of `target`.
 *
 * @example
 * ```ts
 * import { parseSuite } from 'agent-assist-sdk/simulation/suites';
 *
 * const { cases } = parseSuite(`
 * name: booking
 * botId: bot-123
 * environmentId: env-staging
 * versionId: ver-abc
 * cases:
 *   - id: paris
 *     inputs: [book flight to paris, { text: departing next monday, delayMs: 100 }]
 *     assertions:
 *       - { stepIndex: 0, expectedIntent: book_flight, expectedEntities: { city: paris } }
 *       - { stepIndex: 1, expectedIntent: provide_date, expectedConfidenceMin: 0.8 }
 * `, 'booking.yaml');
 * console.log(cases.length);
 * ```
 */
export function parseSuite(
  text: string,
  file: string,
  options: Pick<SuiteFileOptions, 'target'> = {},
): SimulationSuite {
  checkKind('text', text, 'a string');
  checkKind('file', file, 'a string', 'its name');
  checkOptions<SuiteFileOptions>('parseSuite', options, KNOWN);
  const { target = {} } = options;
  checkOptions('target', target, { botId: true, environmentId: true, versionId: true });
  const replaced = defined(target);
  for (const [part, id] of Object.entries(replaced)) required(`target.${part}`, id);
  const { value, placeOf } = readData(text, file);
  const issues: FileIssue[] = [];
  const report = (found: { readonly issues: readonly z.SchemaIssue[] }, at: Path): void => {
    const placed = found.issues.map((issue) => ({ ...issue, path: [...at, ...issue.path] }));
    const described = toIssues({ issues: placed });
    issues.push(...described.map((issue, index) => ({ ...placeOf(placed[index]?.path ?? at), ...issue })));
  };

  const parsed = safeParse(fileShape, value);
  if (!parsed.success) report(parsed, []);
  const top = isRecord(value) ? value : {};
  const { botId, environmentId, versionId, context } = top;
  const given = defined({ botId, environmentId, versionId, context });
  const firstLines = new Map<string, number>();
  const cases = (Array.isArray(top['cases']) ? top['cases'] : []).flatMap((item: unknown, index): SuiteCase[] => {
    if (!isRecord(item)) return [];
    const { id, name: title, ...own } = item;
    if (typeof id === 'string') {
      const place = placeOf(['cases', index, 'id']);
      const first = firstLines.get(id);
      const message = `${JSON.stringify(id)} is already the id of the case on line ${first}`;
      if (first === undefined) firstLines.set(id, place.line);
      else issues.push({ ...place, path: `cases[${index}].id`, message });
    }
    const draft = { ...given, ...own, ...replaced };
    const simulation = safeParse(simulationSchema, withDefaults(draft));
    if (!simulation.success) {
      report(simulation, ['cases', index]);
      return [];
    }
    return [{ id: String(id), ...(typeof title === 'string' ? { name: title } : {}), simulation: simulation.data }];
  });
  if (issues.length > 0) {
    throw new SuiteFileError(
      file,
      issues.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
    );
  }
  return { name: typeof top['name'] === 'string' ? top['name'] : file, cases };
}

/**
 * Reads a suite from a JSON or YAML file; see {@link parseSuite}. Needs a runtime with files.
 *
 * @throws `SuiteFileError`, as {@link parseSuite} does, or if the file cannot be read, is too large, is not UTF-8, or is a
 *   pipe or a device; `ConfigurationError` in runtimes without files.
 */
export async function loadSuite(file: string, options: SuiteFileOptions = {}): Promise<SimulationSuite> {
  checkKind('file', file, 'a string', 'its name');
  checkOptions('loadSuite', options, KNOWN);
  return parseSuite(await readText(file, options.maxBytes ?? MAX_BYTES), file, options);
}

function defined(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
