import { startTenant, type Tenant, type TrainingExample } from 'agent-assist-sdk/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyCharacter } from '../helpers/any-character.js';
import { clientOf, simulationOf } from './helpers.js';
import { sampleUtterances } from '../../src/testing/fixtures/sample-utterances.js';
import { Nlu } from '../../src/testing/nlu/classifier.js';

describe("the tenant's simulations", () => {
  let tenant: Tenant;
  beforeEach(async () => {
    tenant = await startTenant();
  });
  afterEach(() => tenant.close());

  const submit = (rest: object) => clientOf(tenant).submit({ ...simulationOf(['hi', 'greeting']), ...rest });

  test('refuse what the server would refuse', async () => {
    await expect(submit({ versionId: 'ver-old' })).rejects.toMatchObject({
      status: 400,
      serverCode: 'version_not_active',
    });
    await expect(submit({ botId: 'bot-9' })).rejects.toMatchObject({ status: 404 });
    await expect(submit({ environmentId: 'env-9' })).rejects.toMatchObject({ status: 404 });
    tenant.simulation.setBot('bot-9', [{ id: 'v', name: 'v', status: 'ACTIVE', deployed: false }]);
    await expect(submit({ botId: 'bot-9', versionId: 'v', environmentId: 'env-prod' })).rejects.toMatchObject({
      status: 403,
      serverCode: 'bot_not_allowed',
    });
    expect(tenant.simulation.submitted).toBe(0);
  });

  test('check the body by the names of the wire', async () => {
    const { access_token: token } = (await (
      await fetch(tenant.tokenUrl, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: tenant.credentials.clientId,
          client_secret: tenant.credentials.clientSecret,
          scope: 'simulation:execute',
        }),
      })
    ).json()) as { access_token: string };
    const post = async (body: object): Promise<number> =>
      (
        await fetch(`${tenant.baseUrl}/simulations`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    const good = {
      botId: 'bot-123',
      environmentId: 'env-prod',
      versionId: 'ver-abc',
      inputs: [{ text: 'hi' }],
      context: {},
      assertions: [],
    };
    expect(await post(good)).toBe(202);
    expect(await post({ ...good, inputs: [{ text: 'hi', delayMs: 5 }] })).toBe(400);
    expect(await post({ ...good, inputs: [] })).toBe(400);
    expect(await post({ ...good, assertions: [{ step_index: 1, expected_intent: 'a' }] })).toBe(400);
    expect(await post({ ...good, assertions: [{ stepIndex: 0, expectedIntent: 'a' }] })).toBe(400);
  });

  test('know a submission again by its idempotency key', async () => {
    const client = clientOf(tenant);
    const [first, again] = [simulationOf(['hi', 'greeting']), simulationOf(['hi', 'greeting'])];
    const { id } = await client.submit(first, { idempotencyKey: 'k' });
    expect((await client.submit(again, { idempotencyKey: 'k' })).id).toBe(id);
    await expect(client.submit(simulationOf(['bye', 'goodbye']), { idempotencyKey: 'k' })).rejects.toMatchObject({
      status: 409,
    });
    expect((await client.submit(first, { idempotencyKey: 'other' })).id).not.toBe(id);
  });

  test('run until their time is over, and are forgotten when told', async () => {
    tenant.simulation.durationMs = 3_600_000;
    const client = clientOf(tenant);
    const { id } = await client.submit(simulationOf(['hi', 'greeting']));
    expect(await client.get(id)).toEqual({ id, status: 'RUNNING' });
    tenant.simulation.forget(id);
    await expect(client.get(id)).rejects.toMatchObject({ status: 404 });
  });

  test('understand by what they learnt, not by what is expected of them', async () => {
    tenant.simulation.durationMs = 1;
    const client = clientOf(tenant);
    const nluOf = async (expected: string) =>
      (await client.run(simulationOf(['book flight to paris', expected, { city: 'rome' }]), { pollIntervalMs: 2 }))
        .steps?.[0]?.nlu;
    expect(await nluOf('book_flight')).toEqual(await nluOf('refund_status'));
    tenant.simulation.train(
      [
        { text: 'book flight', intent: 'x' },
        { text: 'no', intent: 'y' },
      ],
      'ver-next',
    );
    expect(tenant.simulation.understand('book flight', 'ver-next').intent).toBe('x');
    expect(tenant.simulation.understand('book flight', 'ver-abc').intent).toBe('book_flight');
  });

  test('can be given an understanding of their own, for one version or for all others', async () => {
    await using tenant = await startTenant();
    tenant.simulation.understandWith((text) => ({ intent: text.toUpperCase(), confidence: 1, entities: [] }));
    tenant.simulation.understandWith(() => ({ intent: 'own', confidence: 0.5, entities: [] }), 'ver-next');
    expect(tenant.simulation.understand('hello')).toEqual({ intent: 'HELLO', confidence: 1, entities: [] });
    expect(tenant.simulation.understand('hello', 'ver-next')).toMatchObject({ intent: 'own' });
  });
});

describe('the NLU', () => {
  test('generalises to sentences that it has not seen, and finds names and shapes', () => {
    const nlu = new Nlu(sampleUtterances);
    expect(nlu.understand('could I have a ticket to Oslo tomorrow')).toMatchObject({
      intent: 'book_flight',
      entities: [
        { type: 'city', value: 'Oslo' },
        { type: 'date', value: 'tomorrow' },
      ],
    });
    expect(nlu.understand('cancel (ZZ1234), please')).toMatchObject({
      intent: 'cancel_booking',
      entities: [{ type: 'booking_code', value: 'ZZ1234' }],
    });
    expect(nlu.understand('my suitcase is lost').intent).toBe('baggage_question');
  });

  test('gives a probability for any text, the same each time', () => {
    const nlu = new Nlu(sampleUtterances);
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (said) => {
        const { intent, confidence } = nlu.understand(said);
        expect(confidence).toBeGreaterThan(1 / 10);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(nlu.understand(said)).toMatchObject({ intent, confidence });
      }),
    );
    expect(new Nlu([]).understand('hi')).toEqual({ intent: '', confidence: 0, entities: [] });
  });

  test('is worse with fewer examples, and equal with the same ones in another order of intents', () => {
    const split = (even: boolean): TrainingExample[] =>
      sampleUtterances.filter((_, index) => (index % 2 === 0) === even);
    const accuracy = (examples: readonly TrainingExample[]): number => {
      const nlu = new Nlu(examples);
      return split(false).filter(({ text, intent }) => nlu.understand(text).intent === intent).length;
    };
    expect(accuracy(split(true))).toBeGreaterThan(accuracy(split(true).filter((_, index) => index % 5 === 0)));
    const reversed = new Nlu([...sampleUtterances].reverse());
    const straight = new Nlu(sampleUtterances);
    for (const { text } of sampleUtterances) expect(reversed.understand(text)).toEqual(straight.understand(text));
  });
});
