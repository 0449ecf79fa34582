/**
 * Suites of simulations in files: JSON and YAML suites, journals for resuming, saved runs for comparison. Reading them
 * needs a runtime with files.
 *
 * Guide: [Simulation](../../../docs/simulation.md).
 *
 * @module agent-assist-sdk/simulation/suites
 */
export { loadSuite, parseSuite, type SimulationSuite, type SuiteFileOptions } from './suite-file.js';
export { FileJournal, openJournal } from './journal-file.js';
export { loadRun } from './run-file.js';
