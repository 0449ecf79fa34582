import { trace } from '@opentelemetry/api';
import { AssistStream } from 'agent-assist-sdk';
import { MemoryStore } from 'agent-assist-sdk/http';
import { TranscriptBuffer } from 'agent-assist-sdk/transcripts';
import { untilAborted } from '../shared/program.ts';
import { Lease } from './lease.ts';
import type { PartContext } from './processes.ts';

const tracer = trace.getTracer('fleet');

export const LEASE_KEY = 'fleet:ingest';
/** Calls at the same time that one ingest takes. */
const MAX_INTERACTIONS = 200_000;

/** Turns speech into questions while it holds the lease; stands by while another process holds it. */
export async function ingest(part: PartContext): Promise<void> {
  const { redis, name, signal } = part;
  while (!signal.aborted) {
    console.log(`${name}: standing by`);
    await using lease = await Lease.acquire(redis, LEASE_KEY, signal);
    try {
      await listen(part, lease, AbortSignal.any([signal, lease.lost]));
    } catch (error) {
      if (!lease.lost.aborted) throw error;
    }
  }
}

async function listen(
  { platform, auth, questions, name }: PartContext,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const moods = new MemoryStore<number>({ maxEntries: MAX_INTERACTIONS });
  const lost = (error: unknown, { interactionId }: { readonly interactionId: string }): void =>
    console.error(`${name}: lost a question of ${interactionId}: ${String(error)}`);
  // Closed in the order of the flow: first the stream, then the buffer, which waits until its questions are queued.
  await using buffer = new TranscriptBuffer({
    onFlush: ({ id, interactionId, speaker, text }) => {
      // The agent's words need no answer. Without the lease, another process asks these questions.
      if (speaker === 'agent' || !lease.isHeld) return undefined;
      const sentimentScore = moods.get(interactionId) ?? 0;
      // Spans of the worker's calls become children of this one. Without a registered OpenTelemetry SDK, nothing happens.
      return tracer.startActiveSpan('question', (span) =>
        questions.put({ id, interactionId, text, sentimentScore }).finally(() => span.end()),
      );
    },
    onError: lost,
    maxInteractions: MAX_INTERACTIONS,
  });
  await using stream = new AssistStream({ platform, auth });
  stream.on('INTERACTION_UPDATE', ({ payload: { interactionId, sentimentScore } }) => {
    if (sentimentScore !== undefined) moods.set(interactionId, sentimentScore, 3_600_000);
  });
  stream.on('TRANSCRIPT_FRAGMENT', (event) => buffer.add(event));
  stream.on('DIALOG_STATE', (event) => buffer.state(event));
  await stream.connect({ signal });
  console.log(`${name}: holds the stream`);
  await questions.announceAll();
  const terminated = new Promise<never>((_, reject) => stream.on('terminated', ({ error }) => reject(error)));
  await Promise.race([terminated, untilAborted(signal)]);
}
