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
  /** Other fields. */
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

/** The audit events of the organization, oldest first. Keeps the latest 10,000; each further one evicts the oldest. */
export class CognigyAuditEvents {
  readonly #clock: Clock;
  readonly #projectId: string;
  readonly #isNewer: boolean;
  readonly #events: CognigyAuditEvent[] = [];
  #added = 0;

  /** @internal */
  constructor(clock: Clock, projectId: string, isNewer: boolean) {
    this.#clock = clock;
    this.#projectId = projectId;
    this.#isNewer = isNewer;
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

/** @internal Adds the audit events; since 2026.17 they can be filtered by `type[]` and `actor[]` as well. */
export function addAuditEventRoutes(
  api: ApiRouter,
  clock: Clock,
  options: { readonly projectId: string; readonly isNewer: boolean },
): CognigyAuditEvents {
  const events = new CognigyAuditEvents(clock, options.projectId, options.isNewer);
  api.list(
    '/auditevents',
    {
      role: 'admin',
      query: ['projectId', 'user', ...(options.isNewer ? ['type[]', 'actor[]'] : [])],
      fields: ['timestamp'],
    },
    ({ query }) => {
      const [projectId, user] = [query.get('projectId'), query.get('user')];
      const [types, actors] = [query.getAll('type[]'), query.getAll('actor[]')];
      return events.all.filter(
        (event) =>
          (projectId === null || event['projectReference'] === projectId) &&
          (user === null || event['user'] === user) &&
          (types.length === 0 || types.includes(String(event['type']))) &&
          (actors.length === 0 || actors.includes(actorOf(event))),
      );
    },
  );
  api.on('GET /auditevents/{auditEventId}', { role: 'admin' }, ({ params }) => {
    const event = events.all.find(({ _id }) => _id === params['auditEventId']);
    return ok(found(event, 'audit event'));
  });
  return events;
}

function actorOf({ performedBy }: CognigyAuditEvent): string {
  return (performedBy as { readonly actor?: string } | undefined)?.actor ?? '';
}
