import { HttpProblem } from './problem.js';

/** @internal Returns an integer of the query; throws a 400 for anything else. */
export function queryInteger(
  query: URLSearchParams,
  name: string,
  { least, most, absent }: { readonly least: number; readonly most: number; readonly absent: number },
): number {
  const value = Number(query.get(name) ?? absent);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new HttpProblem(400, 'invalid_query', { message: `${name} must be an integer from ${least} to ${most}` });
}
