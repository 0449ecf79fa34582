// The agent's desktop in the browser: a client of the same SDK, connected to the example's own server.
import { AssistStream, HttpClient, InsightsClient, StaticTokenAuth } from 'agent-assist-sdk';
import type { UnknownEvent } from 'agent-assist-sdk/stream';
import { type AssistCard } from 'agent-assist-sdk/knowledge';
import { render, type Actions } from './view.ts';
import { Model } from './model.ts';

const token = document.querySelector<HTMLMetaElement>('meta[name="desktop-token"]')?.content ?? '';
const auth = new StaticTokenAuth({ token });
const insights = new InsightsClient(new HttpClient({ baseUrl: location.origin, auth }));
const model = new Model();

const actions: Actions = {
  select: (interactionId) => {
    model.select(interactionId);
    draw();
  },
  decide: (interactionId, insightId, action) => {
    model.decide(interactionId, insightId, 'sending');
    draw();
    insights.feedback({ interactionId, insightId, action }).catch(() => {
      model.decide(interactionId, insightId, 'failed');
      draw();
    });
  },
};

// A burst of events is drawn once.
let isScheduled = false;
function draw(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render(model, actions);
  });
}

function show(state: 'connecting' | 'open' | 'ended', text: string): void {
  const status = document.querySelector<HTMLElement>('#status');
  if (status === null) return;
  status.dataset['state'] = state;
  status.textContent = text;
}

const stream = new AssistStream({
  streamUrl: `${location.origin.replace('http', 'ws')}/stream`,
  streamToken: 'query',
  auth,
});
stream.on('open', () => {
  // The server sends the whole content, so each connection starts with an empty desktop.
  model.clear();
  show('open', 'Connected');
  draw();
});
stream.on('reconnecting', () => show('connecting', 'Reconnecting'));
stream.on('terminated', ({ error }) => show('ended', error.message));
stream.on('TRANSCRIPT_FRAGMENT', (event) => {
  model.hear(event.interactionId, event['speaker'] === 'agent' ? 'agent' : 'customer', event.text);
  draw();
});
stream.on('DIALOG_STATE', ({ interactionId }) => {
  model.endTurn(interactionId);
  draw();
});
stream.on('unknown', (event) => {
  if (isCardsPushed(event)) model.receive(event.interactionId, event.question, event.cards);
  if (isFeedbackRecorded(event)) model.decide(event.interactionId, event.insightId, event.action);
  draw();
});
stream.connect().catch((error: unknown) => show('ended', error instanceof Error ? error.message : 'Not connected'));

interface CardsPushed {
  readonly interactionId: string;
  readonly question: string;
  readonly cards: readonly AssistCard[];
}
interface FeedbackRecorded {
  readonly interactionId: string;
  readonly insightId: string;
  readonly action: 'accepted' | 'rejected';
}

function isCardsPushed(event: UnknownEvent): event is UnknownEvent & CardsPushed {
  return event.type === 'CARDS_PUSHED';
}

function isFeedbackRecorded(event: UnknownEvent): event is UnknownEvent & FeedbackRecorded {
  return event.type === 'FEEDBACK_RECORDED';
}
