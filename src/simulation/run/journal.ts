import canonicalize from 'canonicalize';
import { RequestValidationError } from '../../errors.js';
import { sha256Hex } from '../../hash.js';
import { toWire } from '../schemas.js';
import type { CaseError } from './suite.js';
import type { Simulation, SimulationResult } from '../types.js';

/** One line of a journal. An entry whose case has changed is ignored, so that the case runs again. */
export type JournalEntry = {
  /** Id of the case. */
  readonly id: string;
  /** SHA-256 of the case's request, in hex. */
  readonly hash: string;
} & (
  | {
      /** The server accepted the simulation. */
      readonly type: 'submitted';
      readonly simulationId: string;
    }
  | {
      /** The simulation ended. */
      readonly type: 'finished';
      readonly simulationId: string;
      /** Time from the submission to the end in ms. */
      readonly elapsedMs: number;
      /** The final state. */
      readonly result: SimulationResult;
    }
  | {
      /** A call failed; the case has no verdict. */
      readonly type: 'errored';
      readonly error: CaseError;
    }
);

/** Content of a journal. */
export interface JournalContent {
  /** All entries, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Number of the last line, from 1, if it is incomplete; it is not among the entries. */
  readonly tornLine?: number | undefined;
}

/**
 * Records the progress of a suite, so that an interrupted one can resume. Use one journal for one server and one
 * runner: its entries do not say which. `openJournal` keeps it in a file.
 */
export interface SuiteJournal {
  /** Reads all entries. */
  read(): Promise<JournalContent>;
  /** Writes an entry; resolves when it is safely stored. */
  append(entry: JournalEntry): Promise<void>;
}

export interface CaseHistory {
  /** A submitted simulation with an unknown end. */
  readonly simulationId?: string | undefined;
  /** The end, if known. */
  readonly finished?: Extract<JournalEntry, { type: 'finished' }> | undefined;
}

/**
 * Returns the SHA-256 of a simulation as it is sent, in canonical JSON and hex.
 *
 * @throws (as rejection) `RequestValidationError` for a lone surrogate.
 */
export async function hashSimulation(simulation: Simulation): Promise<string> {
  let json: string | undefined;
  try {
    json = canonicalize(toWire(simulation));
  } catch {
    // Canonical JSON (RFC 8785) has no lone surrogates.
    const message = 'cannot be written as canonical JSON; a text may contain a lone surrogate';
    throw new RequestValidationError('simulation', [{ path: '', message }]);
  }
  // Never undefined: a request is an object.
  return sha256Hex(json ?? '');
}

/** Returns a function that finds the history of a case by id and content; the latest entry of a type counts. */
export function historyIn(entries: readonly JournalEntry[]): (id: string, hash: string) => CaseHistory {
  const byId = Map.groupBy(entries, ({ id }) => id);
  return (id, hash) => {
    const own = (byId.get(id) ?? []).filter((entry) => entry.hash === hash);
    return {
      simulationId: own.findLast((entry) => entry.type === 'submitted')?.simulationId,
      finished: own.findLast((entry) => entry.type === 'finished'),
    };
  };
}
