import type { AssistEngineOptions, SuggestRequest } from 'agent-assist-sdk';
import type { Calibration } from 'agent-assist-sdk/calibration';
import {
  toAlertTriggers,
  toTrigger,
  tuneAlerts,
  type AlertRule,
  type ChosenAlerts,
  type LabelledUpdate,
} from 'agent-assist-sdk/conversations';
import { expectTypeOf, test } from 'vitest';

declare const labelled: readonly LabelledUpdate[];
declare const rule: AlertRule;
declare const chosen: ChosenAlerts;

test('a tuning is chosen or undecided', () => {
  const tuning = tuneAlerts(labelled, { objective: { type: 'precision', atLeast: 0.6 } });
  if (tuning.status === 'chosen') expectTypeOf(tuning.point.rule).toEqualTypeOf<AlertRule>();
  else expectTypeOf(tuning.message).toBeString();
  // @ts-expect-error A limit of another objective.
  tuneAlerts(labelled, { objective: { type: 'precision', atMostPer100: 5 } });
});

test('the results fit a calibration and the engine', () => {
  expectTypeOf(toAlertTriggers([chosen], { directive: 'block' })).toExtend<Calibration['alertTriggers']>();
  expectTypeOf([toTrigger(rule)]).toExtend<NonNullable<AssistEngineOptions['triggers']>>();
  type Update = SuggestRequest & { readonly anger: number };
  const trigger = toTrigger<Update>(rule, { readScore: ({ anger }) => anger });
  expectTypeOf([trigger]).toExtend<NonNullable<AssistEngineOptions<Update>['triggers']>>();
});
