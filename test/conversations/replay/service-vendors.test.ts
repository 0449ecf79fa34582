import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssistStream } from 'agent-assist-sdk';
import {
  cognigyAi,
  FlowClient,
  flowKnowledge,
  flowProtocol,
  type FlowStreamEvents,
  type FlowStreamInput,
} from 'agent-assist-sdk/cognigy';
import { replay, serviceTarget } from 'agent-assist-sdk/conversations';
import { connectCxone, ExpertClient, notificationProtocol, transcriptTopic } from 'agent-assist-sdk/cxone';
import { startCognigy, startCxone } from 'agent-assist-sdk/testing';
import { recordingPath } from '../helpers.js';

const HEADER = '{"type":"recording","version":1,"startedAt":"2026-01-31T09:00:00.000Z"}';

describe('serviceTarget', () => {
  it('plays to a flow of Cognigy.AI, with the same bytes on each tenant', async () => {
    const path = await recordingPath();
    const events = [
      { type: 'TYPING', isTyping: true, status: 'typingOn' },
      { type: 'OUTPUT', text: 'Where is my refund?', data: { step: 1 } },
      { type: 'FINAL_PING', payload: { type: 'regular' } },
      { type: 'OUTPUT', text: 'delivery' },
    ].map((event, index) => JSON.stringify({ offsetMs: index * 1000, event }));
    await writeFile(path, [HEADER, ...events, ''].join('\n'));
    const play = async (outcomes: string): Promise<string> => {
      await using cognigy = await startCognigy();
      const { socketEndpoint, knowledgeEndpoint, origin } = cognigy;
      const protocol = flowProtocol({ urlToken: socketEndpoint.urlToken, userId: 'u', sessionId: 's' });
      await using stream = new AssistStream<FlowStreamEvents, FlowStreamInput>({ streamUrl: origin, protocol });
      const platform = cognigyAi({ baseUrl: origin, endpointHost: origin });
      const knowledge = flowKnowledge(new FlowClient({ platform, urlToken: knowledgeEndpoint.urlToken }));
      let handled = Promise.withResolvers<undefined>();
      const done = (): void => handled.resolve(undefined);
      stream.on('OUTPUT', ({ text }) => knowledge.search({ q: String(text) }).then(done, handled.reject));
      for (const name of ['TYPING', 'FINAL_PING'] as const) stream.on(name, done);
      await stream.connect();
      const names = { OUTPUT: 'output', TYPING: 'typingStatus', FINAL_PING: 'finalPing' } as const;
      const target = serviceTarget({
        send: ({ type, payload, ...data }) => {
          handled = Promise.withResolvers();
          const [socket] = cognigy.sockets.sockets;
          const name = names[type as keyof typeof names];
          socket?.emit(name, name === 'output' ? { type: 'output', data } : (payload ?? data));
        },
        settled: () => handled.promise,
        calls: cognigy.requests,
      });
      expect(await replay(path, target, { outcomes })).toEqual({ events: 4, outcomes: 2, asked: 2, calls: 2 });
      return await readFile(outcomes, 'utf8');
    };
    const [one, other] = [await play(`${path}.one`), await play(`${path}.other`)];
    expect(other).toBe(one);
    expect(one).toContain('{"call":"POST /[token]","text":"Where is my refund?"}');
  });

  it('plays to a service on CXone that searches, with the same bytes on each tenant', async () => {
    const path = await recordingPath();
    const lines = ['refund', 'delivery'].map((text, offsetMs) =>
      JSON.stringify({ offsetMs, event: { type: 'TRANSCRIPT_FRAGMENT', interactionId: '30001', text } }),
    );
    await writeFile(path, [HEADER, ...lines, ''].join('\n'));
    const play = async (outcomes: string): Promise<string> => {
      await using cxone = await startCxone();
      const { fetch, WebSocket } = cxone;
      const { platform, auth } = await connectCxone({ issuer: cxone.namedHosts.issuer, ...cxone.credentials, fetch });
      onTestFinished(() => auth.close());
      await using stream = new AssistStream({ platform, auth, protocol: notificationProtocol(), WebSocket });
      stream.subscribe(transcriptTopic('30001'));
      const { expert: site } = cxone.namedHosts;
      const expert = new ExpertClient({ site, browserKey: cxone.expertKeys.browserKey, fetch });
      let handled = Promise.withResolvers<unknown>();
      stream.on('TRANSCRIPT_FRAGMENT', ({ text }) => expert.search({ q: text }).then(handled.resolve, handled.reject));
      await stream.connect();
      const target = serviceTarget({
        send: ({ interactionId, text }) => {
          handled = Promise.withResolvers();
          return cxone.feed.sendTranscript({ contactId: String(interactionId), text: String(text) });
        },
        settled: () => handled.promise,
        calls: cxone.requests,
      });
      expect(await replay(path, target, { outcomes })).toMatchObject({ events: 2, outcomes: 2, asked: 2 });
      return await readFile(outcomes, 'utf8');
    };
    const [one, other] = [await play(`${path}.one`), await play(`${path}.other`)];
    expect(other).toBe(one);
    expect(one).toContain('{"call":"GET /@api/deki/site/search","text":"delivery"}');
  });

  it('plays to CXone as well, by a function that says how an event is sent there', async () => {
    await using cxone = await startCxone();
    const { platform, auth } = await connectCxone({
      issuer: cxone.namedHosts.issuer,
      ...cxone.credentials,
      fetch: cxone.fetch,
    });
    onTestFinished(() => auth.close());
    await using stream = new AssistStream({
      platform,
      auth,
      protocol: notificationProtocol(),
      WebSocket: cxone.WebSocket,
    });
    stream.subscribe(transcriptTopic('30001'));
    const heard: string[] = [];
    let resolve: () => void = () => undefined;
    stream.on('TRANSCRIPT_FRAGMENT', ({ text }) => {
      heard.push(text);
      resolve();
    });
    await stream.connect();
    const path = await recordingPath();
    const lines = ['one', 'two'].map((text, offsetMs) =>
      JSON.stringify({ offsetMs, event: { type: 'TRANSCRIPT_FRAGMENT', interactionId: '30001', text } }),
    );
    await writeFile(path, [HEADER, ...lines, ''].join('\n'));
    let arrived = Promise.resolve();
    const target = serviceTarget({
      send: ({ interactionId, text }) => {
        arrived = new Promise((done) => {
          resolve = done;
        });
        return cxone.feed.sendTranscript({ contactId: String(interactionId), text: String(text) });
      },
      calls: cxone.requests,
      settled: () => arrived,
    });
    expect(await replay(path, target)).toMatchObject({ events: 2, calls: 0 });
    expect(heard).toEqual(['one', 'two']);
  });
});
