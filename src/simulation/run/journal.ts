import canonicalize from 'canonicalize';
import { RequestValidationError } from '../../errors.js';
import { sha256Hex } from '../../hash.js';
import { toWire } from '../schemas.js';
import type { CaseError } from './suite.js';
import type { Simulation, SimulationResult } from '../types.js';

/**
 * One line of a journal. `hash` is the SHA-256 of what is sent for the case: an entry whose case has changed since is
 * passed over, so that the changed case is run again.
 */
export type JournalEntry =
  | {
      /** A simulation was accepted. */
      readonly type: 'submitted';
      /** The case. */
      readonly id: string;
      /** SHA-256 of what is sent for the case, in hex. */
      readonly hash: string;
      /** The simulation. */
      readonly simulationId: string;
    }
  | {
      /** A simulation came to its end. */
      readonly type: 'finished';
      /** The case. */
      readonly id: string;
      /** SHA-256 of what is sent for the case, in hex. */
      readonly hash: string;
      /** The simulation. */
      readonly simulationId: string;
      /** From the submission to the end, in ms. */
      readonly elapsedMs: number;
      /** Its final state. */
      readonly result: SimulationResult;
    }
  | {
      /** A call failed; the case has no verdict. */
      readonly type: 'errored';
      /** The case. */
      readonly id: string;
      /** SHA-256 of what is sent for the case, in hex. */
      readonly hash: string;
      /** What went wrong. */
      readonly error: CaseError;
    };

/** What a journal holds. */
export interface JournalContent {
  /** All entries, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Number of the last line, from 1, when it was cut off in the middle; it is not among the entries. */
  readonly tornLine?: number | undefined;
}

/**
 * Where a suite writes down what is done, so that an interrupted one can go on. One journal belongs to one server: its
 * entries do not say whom they asked. `openJournal` keeps it in a file.
 */
export interface SuiteJournal {
  /** Everything that was written so far. */
  read(): Promise<JournalContent>;
  /** Writes one entry; resolves when it is safe. */
  append(entry: JournalEntry): Promise<void>;
}

/** What is known of a case from an earlier run. */
export interface CaseHistory {
  /** A simulation that was submitted and whose end was not seen. */
  readonly simulationId?: string | undefined;
  /** The end, if it was seen. */
  readonly finished?: Extract<JournalEntry, { type: 'finished' }> | undefined;
}

/**
 * SHA-256 of a simulation as it is sent, in canonical JSON; hexadecimal.
 *
 * @throws (as rejection) {@link RequestValidationError} for a lone surrogate.
 */
export async function hashSimulation(simulation: Simulation): Promise<string> {
  let json: string | undefined;
  try {
    json = canonicalize(toWire(simulation));
  } catch {
    // Canonical JSON (RFC 8785) has no lone surrogates.
    const message = 'cannot be written as canonical JSON; a text may hold half of a surrogate pair';
    throw new RequestValidationError('simulation', [{ path: '', message }]);
  }
  // Never undefined: what is sent is an object.
  return sha256Hex(json ?? '');
}

/** Looks up what a journal says of a case with a given id and content; the latest entry of a kind counts. */
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
