import { AgentAssistError } from '../../errors.js';

/** One thing that is wrong with a file, and where. */
export interface FileIssue {
  /** Line, from 1; absent when the file as a whole is meant. */
  readonly line?: number | undefined;
  /** Column, from 1; absent when the file as a whole is meant. */
  readonly column?: number | undefined;
  /** Where in the data, e.g. `cases[3].assertions[0].stepIndex`; empty where the file cannot be read as data. */
  readonly path: string;
  /** What is wrong there. */
  readonly message: string;
}

/** Issues that the message of a {@link SuiteFileError} lists. */
const LISTED = 20;

/** A suite, a journal or a saved run cannot be used. The message names file, line and path of each issue. */
export class SuiteFileError extends AgentAssistError {
  override name = 'SuiteFileError';
  /** The file, as it was named by the caller. */
  readonly file: string;
  /** Everything that is wrong. */
  readonly issues: readonly FileIssue[];

  constructor(file: string, issues: readonly FileIssue[], options?: ErrorOptions) {
    const more = issues.length > LISTED ? [`and ${issues.length - LISTED} more`] : [];
    super([...issues.slice(0, LISTED).map((issue) => describe(file, issue)), ...more].join('\n'), options);
    this.file = file;
    this.issues = issues;
  }
}

function describe(file: string, { line, column, path, message }: FileIssue): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
