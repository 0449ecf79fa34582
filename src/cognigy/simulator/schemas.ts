import {
  filledString,
  positiveInteger,
  anyString,
  absentable,
  listOf,
  flag,
  finiteNumber,
  jsonObject,
} from '../../http/internal.js';
import * as z from '../../schema.js';
import type {
  SimulatorBatchDraft,
  SimulatorPageQuery,
  SimulatorScenario,
  SimulatorBatch,
  SimulatorPage,
} from './types.js';

export const batchDraft: z.Schema<SimulatorBatchDraft> = z.strictObject({
  name: filledString,
  projectReference: filledString,
  numberOfExecutions: positiveInteger,
  runConfig: z.looseObject({
    entrypoint: filledString,
    flowReferenceId: filledString,
    localeReferenceId: filledString,
    largeLanguageModelReferenceId: filledString,
  }),
});

export const pageQuery: z.Schema<SimulatorPageQuery> = z.strictObject({
  pageSize: z.optional(z.refine(positiveInteger, (size) => size <= 100, 'must be at most 100')),
  cursor: z.optional(z.refine(anyString, (skip) => /^\d{1,15}$/.test(skip), 'expected the nextCursor of a page')),
});

export const scenario: z.Schema<SimulatorScenario> = z.looseObject({
  referenceId: filledString,
  name: absentable(anyString),
});

export const batch: z.Schema<SimulatorBatch> = z.looseObject({ status: anyString });

/** The answer to a schedule, which may be empty. */
export const scheduled: z.Schema<Readonly<Record<string, unknown>>> = z.map(
  z.optional(z.nullable(jsonObject)),
  (answer) => answer ?? {},
);

export const pageOf = <T>(item: z.Schema<T>): z.Schema<SimulatorPage<T> & { readonly hasNext: boolean }> =>
  z.map(
    // Required: without `hasNext` the last page could not be recognized.
    z.looseObject({
      data: listOf(item),
      pagination: z.looseObject({ hasNext: flag, total: absentable(finiteNumber) }),
    }),
    ({ data, pagination: { hasNext, total } }) => ({ items: data, hasNext, total }),
  );
