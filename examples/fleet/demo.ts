import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { sampleConversations, type Tenant } from 'agent-assist-sdk/testing';
import type { Fleet } from './processes.ts';
import { Questions } from './queue.ts';

/** Speed relative to real speech. */
const SPEED = 30;
/** Number of rounds; each plays all conversations at once. */
const ROUNDS = 6;

/** Plays conversations to a fleet, kills a worker and the ingest, and reports the outcome of the questions. */
export async function playDemo(tenant: Tenant, redis: Redis, fleet: Fleet, signal: AbortSignal): Promise<void> {
  await using questions = new Questions(redis);
  await tenant.stream.waitForConnections(1, { signal });
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (round === 3) {
      // While cards arrive.
      const stop = tenant.insights.onPush(() => {
        stop();
        fleet.kill('worker-1');
      });
    }
    if (round === 4) {
      const killedAt = performance.now();
      fleet.kill(fleet.listener);
      // At this speed nobody would hear minutes of speech.
      while (tenant.stream.connections.length > 0) await wait(1, undefined, { signal });
      await tenant.stream.waitForConnections(1, { signal });
      console.log(`The standby took over within ${Math.round(performance.now() - killedAt)} ms`);
    }
    await Promise.all(
      sampleConversations.map((conversation) =>
        tenant.play(conversation, { speed: SPEED, interactionId: `${conversation.id}-${round}`, signal }),
      ),
    );
    console.log(`Round ${round} of ${ROUNDS}: cards for ${tenant.insights.pushes} questions so far`);
  }
  for (let { open } = await questions.counts(); open > 0; { open } = await questions.counts())
    await wait(50, undefined, { signal });
  const { dead } = await questions.counts();
  const { pushes, cards, repeatedPushes } = tenant.insights;
  console.log(`\n${pushes} questions got ${cards} cards; ${repeatedPushes} pushes were duplicates and showed nothing`);
  console.log(`${dead} questions in the dead-letter list`);
}
