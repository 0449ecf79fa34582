import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../http/clock.js';
import { setLatest } from '../../server/kept.js';
import { found, HttpProblem } from '../../server/problem.js';

/** @internal Something that Cognigy.AI stores under an `_id` of 24 hex digits. */
export interface CognigyEntity {
  readonly _id: string;
  /** Time of creation, in ms since the epoch. */
  readonly createdAt: number;
  /** Time of the last change, in ms since the epoch. */
  readonly lastChanged: number;
  readonly [field: string]: unknown;
}

/** @internal Id of the user that API keys act as. */
export const userId = '5f0000000000000000000001';
/** @internal Id of the organization. */
export const organisationId = '5f0000000000000000000002';

/** @internal */
export function createObjectId(): string {
  return randomBytes(12).toString('hex');
}

/** @internal The latest 10,000 entities of one kind, oldest first; each further one evicts the oldest. */
export class EntityStore {
  readonly #kind: string;
  readonly #clock: Clock;
  readonly #entities = new Map<string, CognigyEntity>();

  constructor(kind: string, clock: Clock) {
    this.#kind = kind;
    this.#clock = clock;
  }

  get all(): readonly CognigyEntity[] {
    return [...this.#entities.values()];
  }

  create(fields: Readonly<Record<string, unknown>>): CognigyEntity {
    const now = this.#clock.now();
    const entity: CognigyEntity = {
      _id: createObjectId(),
      ...fields,
      createdAt: now,
      lastChanged: now,
      createdBy: userId,
      lastChangedBy: userId,
    };
    setLatest(this.#entities, entity._id, entity);
    return entity;
  }

  /** Makes one whose name no other of the same project has. */
  createNamed(fields: Readonly<Record<string, unknown>>): CognigyEntity {
    const taken =
      fields['name'] !== undefined &&
      this.all.some(
        ({ name, projectReference }) => name === fields['name'] && projectReference === fields['projectReference'],
      );
    if (taken) throw new HttpProblem(409, 'conflict', `a ${this.#kind} with this name already exists`);
    return this.create(fields);
  }

  get(id: string | undefined): CognigyEntity {
    return found(this.#entities.get(id ?? ''), this.#kind);
  }

  update(id: string | undefined, fields: Readonly<Record<string, unknown>>): CognigyEntity {
    const entity = { ...this.get(id), ...fields, lastChanged: this.#clock.now() };
    this.#entities.set(entity._id, entity);
    return entity;
  }

  delete(id: string | undefined): void {
    this.#entities.delete(this.get(id)._id);
  }
}
