/**
 * Simulated conversations as a regression gate: run them, judge them, compare two runs.
 *
 * Guide: [Simulation](../../docs/simulation.md).
 *
 * @module agent-assist-sdk/simulation
 */
export { SimulationClient } from './client.js';
export { buildSimulation, type AssertionDraft, type InputDraft, type SimulationDraft } from './build.js';
export type {
  BotEnvironment,
  BotVersion,
  NluEntity,
  NluResult,
  Simulation,
  SimulationAssertion,
  SimulationInput,
  SimulationResult,
  SimulationStatus,
  SimulationStep,
  SubmittedSimulation,
} from './types.js';
export { judgeTarget, type SimulationTarget, type TargetCheck, type TargetRefusal } from './target.js';
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type SimulationMetrics,
  type StepLatency,
  type WireMetrics,
} from './evaluate.js';
export type { AssertionFailure, AssertionVerdict, EntityMatch } from './assertion.js';
export { confusionTable, type ConfusionTable, type IntentPair } from './confusion.js';
export type { EntityCounts, EntityScores } from './entity-scores.js';
export { auditRecord, type SimulationAuditRecord } from './audit-record.js';
export { notifyDashboard, type DashboardNotification, type DashboardNotifier } from './dashboard.js';
export { runSuite, type RunSuiteOptions, type SuiteProgress } from './run-suite.js';
export type { CaseError, CaseResult, SuiteCase } from './cases.js';
export type { SuiteRun } from './suite.js';
export type { SuiteSummary } from './summary.js';
export type { JournalContent, JournalEntry, SuiteJournal } from './journal.js';
export {
  compareRuns,
  type ComparableCase,
  type ComparableRun,
  type CompareOptions,
  type ConfidenceDrift,
  type GateFailure,
  type RunComparison,
} from './compare.js';
export { mcnemarExact } from './mcnemar.js';
