import type { SimulationClient, SimulationResult, SimulationStatus, SimulationTarget } from 'agent-assist-sdk';
import {
  buildSimulation,
  notifyDashboard,
  type CaseResult,
  type ComparableRun,
  type DashboardNotifier,
  type SimulationAuditRecord,
  type SimulationMetrics,
  type SuiteJournal,
  type SuiteRun,
  type TargetRefusal,
  type WireMetrics,
} from 'agent-assist-sdk/simulation';
import type { WebhookNotifier } from 'agent-assist-sdk/webhooks';
import type { FileJournal } from 'agent-assist-sdk/simulation/suites';
import { describe, expectTypeOf, test } from 'vitest';

describe('types', () => {
  test('let unknown statuses and fields through and know the others', () => {
    expectTypeOf<'RUNNING'>().toExtend<SimulationStatus>();
    expectTypeOf<'PAUSED'>().toExtend<SimulationStatus>();
    expectTypeOf<SimulationResult['durationMs']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<SimulationResult['region']>().toBeUnknown();
  });

  test('tell the refusals of a target apart', () => {
    expectTypeOf<TargetRefusal['reason']>().toEqualTypeOf<
      'bot-missing' | 'version-missing' | 'version-inactive' | 'environment-missing' | 'bot-not-allowed'
    >();
    expectTypeOf<Extract<TargetRefusal, { reason: 'version-inactive' }>['status']>().toBeString();
  });

  test('fit where one is used as the other', () => {
    expectTypeOf<SuiteRun>().toExtend<ComparableRun>();
    expectTypeOf<CaseResult>().toExtend<ComparableRun['results'][number]>();
    expectTypeOf<WebhookNotifier>().toExtend<DashboardNotifier>();
    expectTypeOf<FileJournal>().toExtend<SuiteJournal>();
    expectTypeOf(buildSimulation).returns.toExtend<SimulationTarget>();
    expectTypeOf(notifyDashboard).parameter(2).toEqualTypeOf<SimulationAuditRecord>();
    expectTypeOf<SimulationMetrics['toJSON']>().returns.toEqualTypeOf<WireMetrics>();
    expectTypeOf<SimulationClient['submit']>().returns.resolves.toHaveProperty('createdAt');
  });

  test('refuse a draft with a misspelt or missing field', () => {
    // @ts-expect-error delay_ms is the wire's name
    buildSimulation({ botId: 'b', environmentId: 'e', versionId: 'v', inputs: [{ text: 'hi', delay_ms: 1 }] });
    // @ts-expect-error there is no version
    buildSimulation({ botId: 'b', environmentId: 'e', inputs: ['hi'] });
  });
});
