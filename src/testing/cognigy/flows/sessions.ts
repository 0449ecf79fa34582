import type { Clock } from '../../../http/clock.js';
import { LinkedMap } from '../../../linked-map.js';
import { KEPT, keepLatest } from '../../server/kept.js';
import type { CognigyFlow, CognigyOutput } from './flow.js';

/** One message of a session. */
export interface CognigyMessage {
  /** Who sent it; an agent's messages are injected ones. */
  readonly source: 'user' | 'bot';
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Time in ms since the epoch. */
  readonly timestamp: number;
}

/** A session of a user with a flow. */
export interface CognigySession {
  readonly sessionId: string;
  readonly userId: string;
  /** Number of inputs. */
  readonly turns: number;
  readonly context: Readonly<Record<string, unknown>>;
  /** The messages, oldest first. */
  readonly messages: readonly CognigyMessage[];
}

/** @internal An input on arrival. */
export interface SessionInput {
  readonly userId: string;
  readonly sessionId: string;
  readonly text?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly isTest: boolean;
}

interface OpenSession extends CognigySession {
  turns: number;
  context: Record<string, unknown>;
  readonly messages: CognigyMessage[];
}

/** The latest 10,000 sessions of all endpoints, each a pair of user and session id, and of each as many messages. */
export class CognigySessions {
  readonly #clock: Clock;
  readonly #sessions = new LinkedMap<string, OpenSession>(KEPT);
  #billed = 0;

  /** @internal */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All sessions, oldest first. */
  get all(): readonly CognigySession[] {
    return [...this.#sessions].map(([, session]) => ({ ...session, messages: [...session.messages] }));
  }

  /** Number of billed inputs; those in test mode are not billed. */
  get billedInputs(): number {
    return this.#billed;
  }

  /** Returns a session by its id. */
  get(sessionId: string): CognigySession | undefined {
    return this.all.find((session) => session.sessionId === sessionId);
  }

  /** @internal Runs a flow in its session. */
  async run(flow: CognigyFlow, input: SessionInput): Promise<readonly CognigyOutput[]> {
    const { userId, sessionId, text = '', data = {}, isTest } = input;
    const session = this.open(userId, sessionId);
    session.turns += 1;
    if (!isTest) this.#billed += 1;
    this.#say(session, { source: 'user', text, data });
    const { turns: turn, context } = session;
    const understanding = flow.understand(text);
    const outputs = await flow.run({ text, data, userId, sessionId, turn, context, understanding, isTest });
    for (const output of outputs) this.#say(session, { source: 'bot', text: output.text, data: output.data });
    return outputs;
  }

  /** @internal */
  open(userId: string, sessionId: string): OpenSession {
    const key = JSON.stringify([userId, sessionId]);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = { sessionId, userId, turns: 0, context: {}, messages: [] };
    this.#sessions.set(key, session);
    return session;
  }

  /** @internal */
  find(userId: string | undefined, sessionId: string): OpenSession | undefined {
    const isWanted = (session: OpenSession): boolean =>
      session.sessionId === sessionId && (userId === undefined || session.userId === userId);
    return [...this.#sessions].find(([, session]) => isWanted(session))?.[1];
  }

  #say(session: OpenSession, said: Omit<CognigyMessage, 'timestamp'>): void {
    keepLatest(session.messages, { ...said, timestamp: this.#clock.now() });
  }
}
