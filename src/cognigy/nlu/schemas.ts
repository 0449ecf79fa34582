import { filledString, anyString, listOf, finiteNumber, absentable, flag } from '../../http/internal.js';
import * as z from '../../schema.js';
import type { NluQuery, NluScore } from './types.js';

export const nluQuery: z.Schema<NluQuery> = z.strictObject({
  projectId: filledString,
  flowReferenceId: filledString,
  localeReferenceId: filledString,
  sentence: anyString,
});

export const nluScores: z.Schema<readonly NluScore[]> = z.map(
  z.looseObject({
    scores: listOf(
      z.looseObject({
        name: anyString,
        score: finiteNumber,
        negated: absentable(flag),
        flow: absentable(anyString),
      }),
    ),
  }),
  ({ scores }) => scores,
);
