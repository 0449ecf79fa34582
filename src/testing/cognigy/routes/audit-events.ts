import type { Clock } from '../../../http/clock.js';
import { keepLatest } from '../../server/kept.js';
import { found } from '../../server/problem.js';
import { ok } from '../../server/router.js';
import type { ApiRouter } from '../server/api-router.js';
import { createObjectId, organisationId, userId } from '../server/entities.js';

/** An audit event, on the wire. */
export interface CognigyAuditEvent {
  readonly _id: string;
  /** Time of the event, ISO 8601. */
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

const KEPT_MS = 30 * 86_400_000;
const ACTIONS = [
  { type: 'create', actionType: 'createPlaybook', elementType: 'playbook' },
  { type: 'patch', actionType: 'updateIntent', elementType: 'intent' },
  { type: 'action', actionType: 'trainIntents', elementType: 'flow' },
  { type: 'delete', actionType: 'deleteSnapshot', elementType: 'snapshot' },
  { type: 'unauthorized', actionType: 'readProject', elementType: 'project' },
] as const;

/**
 * The audit events of the organization, oldest first. Keeps the latest 10,000; each further one evicts the oldest. Since
 * 2026.17 they can be filtered by `type[]` and `actor[]` as well.
 */
export class CognigyAuditEvents {
  readonly #clock: Clock;
  readonly #projectId: string;
  readonly #isNewer: boolean;
  readonly #events: CognigyAuditEvent[] = [];
  #added = 0;

  /** @internal */
  constructor(api: ApiRouter, clock: Clock, projectId: string, isNewer: boolean) {
    this.#clock = clock;
    this.#projectId = projectId;
    this.#isNewer = isNewer;
    const query = ['projectId', 'user', ...(isNewer ? ['type[]', 'actor[]'] : [])];
    api.list('/auditevents', { role: 'admin', query, fields: ['timestamp'] }, (context) => {
      const asked = {
        projectReference: context.query.getAll('projectId'),
        user: context.query.getAll('user'),
        type: context.query.getAll('type[]'),
        actor: context.query.getAll('actor[]'),
      };
      return this.#events.filter((event) =>
        Object.entries(asked).every(
          ([name, values]) =>
            values.length === 0 || values.includes(String(name === 'actor' ? actorOf(event) : event[name])),
        ),
      );
    });
    api.on('GET /auditevents/{auditEventId}', { role: 'admin' }, ({ params }) =>
      ok(
        found(
          this.#events.find(({ _id }) => _id === params['auditEventId']),
          'audit event',
        ),
      ),
    );
  }

  /** The events that are kept, oldest first. */
  get all(): readonly CognigyAuditEvent[] {
    return [...this.#events];
  }

  /** Adds an event; `fields` override its default fields. */
  add(fields: Readonly<Record<string, unknown>> = {}): CognigyAuditEvent {
    const number = this.#added;
    this.#added += 1;
    const { type, actionType, elementType } = ACTIONS[number % ACTIONS.length] ?? ACTIONS[0];
    const now = this.#clock.now();
    const event: CognigyAuditEvent = {
      _id: createObjectId(),
      timestamp: new Date(now).toISOString(),
      type,
      actionType,
      user: `designer-${number % 3}@example.com`,
      userReference: userId,
      organisationReference: organisationId,
      projectReference: this.#projectId,
      chain: [{ elementId: createObjectId(), elementType }],
      expiresAt: new Date(now + KEPT_MS).toISOString(),
      ...(this.#isNewer && { performedBy: { actor: 'user' } }),
      ...fields,
    };
    keepLatest(this.#events, event);
    return event;
  }

  /** Adds `count` events. */
  seed(count: number): void {
    for (let number = 0; number < count; number += 1) this.add();
  }
}

function actorOf({ performedBy }: CognigyAuditEvent): string {
  return (performedBy as { readonly actor?: string } | undefined)?.actor ?? '';
}
