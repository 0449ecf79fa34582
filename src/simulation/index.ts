/**
 * Simulated conversations as a regression gate: run and judge them, and compare two runs.
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
  RunOptions,
  Simulation,
  SimulationAssertion,
  SimulationInput,
  SimulationPart,
  SimulationResult,
  SimulationRunner,
  SimulationStatus,
  SimulationStep,
  SimulationTarget,
  SubmittedSimulation,
  TargetCheck,
  TargetRefusal,
  UnsupportedParts,
} from './types.js';
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type SimulationMetrics,
  type WireMetrics,
} from './judge/evaluate.js';
export type { AssertionFailure, AssertionVerdict, EntityMatch } from './judge/assertion.js';
export type { EntityCounts, EntityScores, IntentCount } from './judge/scores.js';
export {
  compareRuns,
  type ComparableCase,
  type ComparableRun,
  type CompareOptions,
  type ConfidenceDrift,
  type GateFailure,
  type RunComparison,
} from './judge/compare.js';
export type { UnsupportedPart, UnsupportedRule } from './run/unsupported.js';
export { runSuite, type RunSuiteOptions, type SuiteProgress } from './run/run-suite.js';
export type { CaseError, CaseResult, SuiteCase, SuiteRun, SuiteSummary } from './run/suite.js';
export type { JournalContent, JournalEntry, SuiteJournal } from './run/journal.js';
export {
  auditRecord,
  notifyDashboard,
  type DashboardNotification,
  type DashboardNotifier,
  type SimulationAuditRecord,
} from './run/audit-record.js';
