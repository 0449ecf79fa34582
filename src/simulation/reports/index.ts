/**
 * Reports of suite runs: JUnit XML for CI systems, Markdown for pull requests, and a single HTML page.
 *
 * Guide: [Simulation](../../../docs/simulation.md).
 *
 * @module agent-assist-sdk/simulation/reports
 */
export { junitReport } from './junit.js';
export { markdownReport } from './markdown.js';
export { htmlReport } from './html-report.js';
export { caseProblems, type ReportOptions } from './describe.js';
