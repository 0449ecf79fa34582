import { AgentAssistError } from '../errors.js';

/** A source that the answer cannot do without failed, or was too slow. Its own error is the `cause`. */
export class EnrichmentError extends AgentAssistError {
  override name = 'EnrichmentError';
  /** Name of the source. */
  readonly source: string;
  /** Whether a time limit ended it: its own, that of its call, or that of the whole enrichment. */
  readonly timedOut: boolean;

  constructor(source: string, timedOut: boolean, cause: unknown) {
    super(`The source ${source} ${timedOut ? 'did not answer in time' : 'failed'}`, { cause });
    this.source = source;
    this.timedOut = timedOut;
  }
}
