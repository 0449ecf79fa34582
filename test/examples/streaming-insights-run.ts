// The whole loop of the example over published conversations, calm and under hostile conditions. What was
// said, asked, searched, pushed and decided is counted on the service's side and compared with what the tenant received.
//
// Speech follows a clock of its own, at most 100 times as fast as people speak, which stands still while an event is on
// its way. So every run asks the same questions, however busy the machine is.
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { AssistStream, AuthClient, HttpClient } from 'agent-assist-sdk';
import { silentLogger } from '#dist/http/internal.js';
import {
  loadConversations,
  sampleConversations,
  startTenant,
  type Conversation,
  type Tenant,
} from 'agent-assist-sdk/testing';
import type { TranscriptQuestion } from 'agent-assist-sdk/transcripts';
import {
  InsightService,
  defaultScopes,
  documentsSides,
  type Watcher,
} from '../../examples/streaming-insights/insight-service.ts';
import { FakeClock } from '../helpers/fake-clock.js';
import { TenantKnowledge } from '../../src/testing/routes/knowledge.js';
import { fragmentsOf } from '../../src/testing/stream/play.js';

const SPEED = 100;
const DROPS = 10;
const HOUR_MS = 3_600_000;
const DATA = process.env['AGENT_ASSIST_DATA'] ?? '../shared/data';

async function conversationsToPlay(count: number): Promise<readonly Conversation[]> {
  if (existsSync(DATA)) return (await loadConversations({ from: DATA, maxItems: count })).conversations;
  console.warn(`${DATA} is absent (AGENT_ASSIST_DATA names another folder): playing the project's own sample instead`);
  const rounds = Math.ceil(count / sampleConversations.length);
  return Array.from({ length: rounds }, (_, round) =>
    sampleConversations.map(({ id, turns }) => ({ id: `${id}-${round}`, turns })),
  ).flat();
}

interface Timed {
  readonly atMs: number;
  readonly event: { readonly type: string; readonly interactionId: string };
}

/** What a conversation puts on the stream, and when, from its beginning on. */
function* speechOf({ id: interactionId, turns }: Conversation): Generator<Timed> {
  let atMs = 0;
  for (const { speaker, text } of turns) {
    for (const fragment of fragmentsOf(text, 5)) {
      atMs += fragment.split(' ').length * 400;
      yield { atMs, event: { type: 'TRANSCRIPT_FRAGMENT', interactionId, text: fragment, speaker } as Timed['event'] };
    }
    // Half of the turns end by silence alone, so that pauses and the longest wait have their part.
    if (text.length % 2 === 0)
      yield { atMs, event: { type: 'DIALOG_STATE', interactionId, state: 'TURN_END' } as Timed['event'] };
    atMs += 1200;
  }
}

/** The service's counterpart: sends, and waits until what was sent has been handled. */
class Line {
  readonly #tenant: Tenant;
  readonly #arrived = new Map<string, PromiseWithResolvers<undefined>>();
  #markers = 0;
  #isDropping = false;

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  /** Given the service's turn ends, among which the markers come back. */
  onTurnEnd = (interactionId: string): void => {
    this.#arrived.get(interactionId)?.resolve(undefined);
    this.#arrived.delete(interactionId);
  };

  /** Called when the service reconnects: what was on its way is lost, so waiting for its end would take for ever. */
  onReconnecting = ({ error }: { readonly error: Error }): void => {
    if (!this.#isDropping) for (const marker of this.#arrived.values()) marker.reject(error);
  };

  /** Frames keep their order, so when the marker has come, so has everything before it. */
  async send(events: readonly object[]): Promise<void> {
    this.#markers += 1;
    const marker = `marker-${this.#markers}`;
    const arrived = Promise.withResolvers<undefined>();
    this.#arrived.set(marker, arrived);
    for (const event of [...events, { type: 'DIALOG_STATE', interactionId: marker, state: 'TURN_END' }]) {
      if (this.#tenant.stream.send(event) !== 1) throw new Error('an event was sent to nobody');
    }
    await arrived.promise;
  }

  /** Drops the connection without a close frame and waits for the next one. The protocol has no replay: nothing is on its way. */
  async drop(): Promise<void> {
    this.#isDropping = true;
    this.#tenant.stream.terminateAll();
    while (this.#tenant.stream.connections.length > 0) await wait(1);
    await this.#tenant.stream.waitForConnections(1);
    this.#isDropping = false;
  }
}

/** One interaction's books: what was said and asked, which cards are due and which arrived. */
class Books {
  readonly said: string[] = [];
  readonly questions: TranscriptQuestion[] = [];
  readonly due: string[] = [];
  readonly received: string[] = [];
  answersDue = 0;
  answered = 0;

  check(): void {
    expect(this.questions.flatMap(({ fragments }) => fragments.map(({ text }) => text))).toEqual(this.said);
    // A fragment that is only punctuation joins the word before it.
    const joined = (texts: readonly string[]): string => texts.join(' ').replace(/ (?=\p{P})/gu, '');
    expect(joined(this.questions.map(({ text }) => text))).toBe(joined(this.said));
    expect(this.received).toEqual(this.due);
  }
}

interface Counts {
  fragments: number;
  questions: number;
  searches: number;
  pushes: number;
  cards: number;
  feedback: number;
}

async function run(
  conversations: readonly Conversation[],
  atOnce: number,
  { isHostile }: { readonly isHostile: boolean },
) {
  await using tenant = await startTenant({ maxRecordedRequests: 100 });
  const route = 'GET /api/v2/knowledge/articles/search';
  const refusals = isHostile
    ? tenant.inject({ route, every: 2, fault: { kind: 'status', status: 429, retryAfter: 0 } })
    : undefined;
  const oracle = new TenantKnowledge();
  const line = new Line(tenant);
  const clock = new FakeClock();
  const books = new Map<string, Books>();
  const problems: string[] = [];
  const counts: Counts = { fragments: 0, questions: 0, searches: 0, pushes: 0, cards: 0, feedback: 0 };
  const reasons: Record<string, number> = {};
  let openQuestions = 0;
  let feedbackTold = 0;

  const auth = new AuthClient({ platform: tenant.cxonePlatform, ...tenant.credentials, scopes: defaultScopes });
  const stream = new AssistStream({
    platform: tenant.cxonePlatform,
    auth,
    minReconnectDelayMs: 1,
    maxReconnectDelayMs: 20,
  });
  // On the clock of the speech, which runs fast.
  const http = new HttpClient({
    platform: tenant.cxonePlatform,
    auth,
    clock,
    maxRetries: 50,
    timeoutMs: HOUR_MS,
    totalTimeoutMs: HOUR_MS,
  });
  const logger = {
    ...silentLogger,
    error: (message: string, fields?: Readonly<Record<string, unknown>>) =>
      void problems.push(`${message}: ${String(fields?.['error'])}`),
  };
  const watcher: Watcher = {
    onTurnEnd: line.onTurnEnd,
    onFragment: () => (counts.fragments += 1),
    onQuestion: (question) => {
      const own = books.get(question.interactionId);
      if (own === undefined) return void problems.push(`a question of the unknown ${question.interactionId}`);
      counts.questions += 1;
      reasons[question.reason] = (reasons[question.reason] ?? 0) + 1;
      own.questions.push(question);
      if (question.fragments.every(({ speaker }) => speaker === 'agent')) return;
      counts.searches += 1;
      openQuestions += 1;
      own.answersDue += 1;
      const ids = oracle
        .search(question.text, 'en-US')
        .slice(0, 3)
        .map(({ article }) => article.id);
      own.due.push(...ids);
      counts.pushes += ids.length > 0 ? 1 : 0;
      counts.cards += ids.length;
    },
    onPushed: ({ interactionId }) => {
      openQuestions -= 1;
      const own = books.get(interactionId);
      if (own !== undefined) own.answered += 1;
    },
    onDropped: ({ interactionId }, reason) => problems.push(`a question of ${interactionId} was dropped: ${reason}`),
    onFeedback: () => (feedbackTold += 1),
  };
  // Counts are compared exactly, so no question may take another's place here.
  await using parts = new AsyncDisposableStack();
  parts.use(
    new InsightService({
      ...documentsSides(stream, http),
      logger,
      watcher,
      limits: { capacity: 10_000, concurrency: 16 },
    }),
  );
  stream.on('reconnecting', line.onReconnecting);
  await stream.connect();

  // The agent decides on the best card of every push, yes and no in turns.
  const decisions: object[] = [];
  tenant.insights.onPush(({ insights }) => {
    const interactionId = insights[0]?.interactionId ?? '';
    if (insights.some((card) => card.interactionId !== interactionId)) problems.push('a push mixes interactions');
    books.get(interactionId)?.received.push(...insights.map(({ id }) => id));
    counts.feedback += 1;
    const type = counts.feedback % 2 === 0 ? 'INSIGHT_REJECTED' : 'INSIGHT_ACCEPTED';
    decisions.push({ type, interactionId, insightId: insights[0]?.id });
  });

  let ended = 0;
  const settleEnded = (endedSpeech: Set<string>): void => {
    for (const id of endedSpeech) {
      const own = books.get(id);
      const isDone =
        own !== undefined &&
        own.answered === own.answersDue &&
        own.answersDue > 0 &&
        own.questions.reduce((sum, { fragments }) => sum + fragments.length, 0) === own.said.length;
      if (!isDone) continue;
      own.check();
      books.delete(id);
      endedSpeech.delete(id);
      ended += 1;
    }
  };

  /** Lets sockets work, and calls that are due now be repeated. */
  const passTime = async (): Promise<void> => {
    // Its question would stay open for ever.
    if (problems.length > 0) throw new Error(problems.join('\n'));
    await wait(2);
    await clock.advance(0);
  };

  const startedAt = performance.now();
  const left = conversations.values();
  const speakers: { startMs: number; next: Timed; speech: Generator<Timed> }[] = [];
  const endedSpeech = new Set<string>();
  const begin = (): void => {
    for (const conversation of left) {
      const speech = speechOf(conversation);
      const first = speech.next();
      if (first.done === true) continue;
      books.set(conversation.id, new Books());
      speakers.push({ startMs: clock.monotonic(), next: first.value, speech });
      return;
    }
  };
  for (let index = 0; index < atOnce; index += 1) begin();

  let dropsDone = 0;
  while (speakers.length > 0) {
    const atMs = Math.min(...speakers.map(({ startMs, next }) => startMs + next.atMs));
    await wait(Math.max(0, atMs / SPEED - (performance.now() - startedAt)));
    // The knowledge base sets the pace where it cannot follow; without this a test's memory would measure its backlog.
    while (openQuestions > 500) {
      await passTime();
      await clock.advance(1);
    }
    await clock.advance(Math.max(0, atMs - clock.monotonic()));
    const events: object[] = decisions.splice(0);
    for (const speaker of [...speakers]) {
      while (speaker.startMs + speaker.next.atMs === atMs) {
        const { event } = speaker.next;
        events.push(event);
        if ('text' in event) books.get(event.interactionId)?.said.push(String(event.text));
        const following = speaker.speech.next();
        if (following.done !== true) speaker.next = following.value;
        else {
          endedSpeech.add(event.interactionId);
          speakers.splice(speakers.indexOf(speaker), 1);
          begin();
          break;
        }
      }
    }
    await line.send(events);
    settleEnded(endedSpeech);
    if (isHostile && dropsDone < DROPS && ended >= ((dropsDone + 1) * conversations.length) / (DROPS + 1)) {
      await line.drop();
      dropsDone += 1;
    }
  }
  const spokenMs = clock.monotonic();
  await clock.advance(10_000);
  while (endedSpeech.size > 0 || decisions.length > 0 || feedbackTold < counts.feedback) {
    await line.send(decisions.splice(0));
    settleEnded(endedSpeech);
    await passTime();
    // A call that was refused twice in a row backs off on this clock, which nobody else moves any more.
    await clock.advance(1_000);
    if (clock.monotonic() - spokenMs > 3 * HOUR_MS)
      throw new Error(`${endedSpeech.size} conversations and ${openQuestions} questions never ended`);
  }
  return {
    counts,
    problems,
    reasons,
    ended,
    speed: Math.round(spokenMs / (performance.now() - startedAt)),
    connections: tenant.stream.totalConnections,
    refused: refusals?.hits ?? 0,
    received: {
      searches: tenant.knowledge.searches,
      pushes: tenant.insights.pushes,
      cards: tenant.insights.cards,
      feedback: tenant.insights.feedbackCount,
    },
  };
}

function report(name: string, { counts, ended, reasons, speed }: Awaited<ReturnType<typeof run>>): void {
  console.log(`${name}: ${ended} conversations at ${speed} times the speed of speech`, counts, reasons);
}

/** Defines the tests of this many conversations, so many of them at once. */
export function testLoop(count: number, atOnce: number): void {
  describe(`${count} conversations, ${atOnce} at once`, { timeout: 1_500_000 }, () => {
    let conversations: readonly Conversation[];
    let calm: Awaited<ReturnType<typeof run>>;

    beforeAll(async () => {
      conversations = await conversationsToPlay(count);
      calm = await run(conversations, atOnce, { isHostile: false });
      report('calm', calm);
    }, 1_500_000);

    it('puts every fragment in exactly one question, in order, and the right cards on each interaction’s desktop', () => {
      const said = conversations.flatMap(({ turns }) => turns.flatMap(({ text }) => fragmentsOf(text, 5))).length;
      expect(calm.ended).toBe(conversations.length);
      expect(calm.counts.fragments).toBe(said);
      expect(calm.problems).toEqual([]);
      expect(Object.keys(calm.reasons)).toEqual(expect.arrayContaining(['pause', 'state']));
    });

    it('sends as many searches, pushes, cards and feedback records as the tenant receives', () => {
      const { searches, pushes, cards, feedback } = calm.counts;
      expect(calm.received).toEqual({ searches, pushes, cards, feedback });
      expect(feedback).toBe(pushes);
    });

    it('does all the same when every second search is answered 429 and the stream is dropped ten times', async () => {
      const hostile = await run(conversations, atOnce, { isHostile: true });
      report('hostile', hostile);
      expect(hostile.connections).toBe(1 + DROPS);
      expect(hostile.refused).toBe(hostile.counts.searches - 1);
      expect(hostile.problems).toEqual([]);
      expect(hostile.counts).toEqual(calm.counts);
      expect(hostile.received).toEqual(calm.received);
    });
  });
}
