import { RequestValidationError, type Issue } from '../../errors.js';
import { expectsValue, type EntityMatch } from '../judge/assertion.js';
import type { Simulation, SimulationPart, SimulationRunner } from '../types.js';

/** A part of a suite that its runner does not support. */
export interface UnsupportedPart {
  readonly part: SimulationPart;
  /** Why the runner does not support it. */
  readonly reason: string;
  /** Number of cases that require it. */
  readonly cases: number;
}

/** What `runSuite` does if the runner does not support a part of the cases. */
export type UnsupportedRule = 'refuse' | 'note';

/** Circumstances of a run that do not affect the verdicts. */
const CIRCUMSTANCES: readonly SimulationPart[] = ['target', 'delay', 'conversation'];

/**
 * Compares what the cases require with what the runner supports, before anything is sent.
 *
 * @returns the parts that are not supported, for the reports.
 * @throws `RequestValidationError` with every place that requires an unsupported part, unless the rule is `note` or the
 * part is only a circumstance of the run; and with every simulation with too many inputs.
 */
export function checkSupported(
  cases: readonly { readonly simulation: Simulation }[],
  { unsupported = {}, maxInputs }: Pick<SimulationRunner, 'unsupported' | 'maxInputs'>,
  { rule, entityMatch }: { readonly rule: UnsupportedRule; readonly entityMatch: EntityMatch },
): readonly UnsupportedPart[] {
  const issues: Issue[] = [];
  const counts = new Map<SimulationPart, number>();
  cases.forEach(({ simulation }, index) => {
    const at = `[${index}].simulation`;
    if (maxInputs !== undefined && simulation.inputs.length > maxInputs)
      issues.push({ path: `${at}.inputs`, message: `must have at most ${maxInputs} items for this runner` });
    const asked = demands(simulation, entityMatch).filter(({ part }) => unsupported[part] !== undefined);
    for (const part of new Set(asked.map((demand) => demand.part))) counts.set(part, (counts.get(part) ?? 0) + 1);
    if (rule === 'note') return;
    for (const { part, path } of asked)
      if (!CIRCUMSTANCES.includes(part))
        issues.push({
          path: `${at}.${path}`,
          message: `cannot be checked: ${unsupported[part] ?? ''} (\`unsupported: 'note'\` runs the suite without it)`,
        });
  });
  if (issues.length > 0) throw new RequestValidationError('suite', issues);
  return [...counts].map(([part, count]) => ({ part, reason: unsupported[part] ?? '', cases: count }));
}

function demands(
  { inputs, context, assertions }: Simulation,
  entityMatch: EntityMatch,
): { readonly part: SimulationPart; readonly path: string }[] {
  const found: { part: SimulationPart; path: string }[] = [{ part: 'target', path: 'versionId' }];
  inputs.forEach(({ delayMs }, index) => {
    if (delayMs > 0) found.push({ part: 'delay', path: `inputs[${index}].delayMs` });
  });
  if (inputs.length > 1) found.push({ part: 'conversation', path: 'inputs' });
  if (Object.keys(context).length > 0) found.push({ part: 'context', path: 'context' });
  assertions.forEach(({ expectedConfidenceMin, expectedEntities }, index) => {
    const at = `assertions[${index}]`;
    if (expectedConfidenceMin > 0) found.push({ part: 'confidence', path: `${at}.expectedConfidenceMin` });
    const values = Object.values(expectedEntities);
    if (values.length > 0) found.push({ part: 'entities', path: `${at}.expectedEntities` });
    if (values.some((value) => expectsValue(value, entityMatch)))
      found.push({ part: 'entityValues', path: `${at}.expectedEntities` });
  });
  return found;
}
