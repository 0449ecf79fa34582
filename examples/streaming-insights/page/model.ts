import type { AssistCard } from 'agent-assist-sdk/knowledge';

export type Speaker = 'customer' | 'agent';
export type CardStatus = 'open' | 'sending' | 'failed' | 'accepted' | 'rejected';

export interface Turn {
  readonly speaker: Speaker;
  text: string;
  isOpen: boolean;
}

export interface ShownCard {
  readonly card: AssistCard;
  status: CardStatus;
}

export interface Call {
  readonly interactionId: string;
  readonly number: number;
  readonly turns: Turn[];
  /** The latest answered question. */
  question: string;
  /** Cards of that question, best first. */
  cards: ShownCard[];
  /** Cards of earlier questions that the agent decided on, latest first. */
  earlier: ShownCard[];
}

const MAX_CALLS = 30;
const MAX_TURNS = 60;
const MAX_EARLIER = 6;

/** The desktop's content. All of it is bounded, since a desktop stays open all day. */
export class Model {
  readonly calls = new Map<string, Call>();
  questions = 0;
  cards = 0;
  accepted = 0;
  rejected = 0;
  #seen = 0;
  #selected: string | undefined;

  /** The selected call: the chosen one, else the first with cards, else the first. */
  get selected(): Call | undefined {
    const calls = [...this.calls.values()];
    const chosen = this.#selected === undefined ? undefined : this.calls.get(this.#selected);
    return chosen ?? calls.find(({ cards }) => cards.length > 0) ?? calls[0];
  }

  select(interactionId: string): void {
    this.#selected = interactionId;
  }

  clear(): void {
    this.calls.clear();
    this.questions = this.cards = this.accepted = this.rejected = this.#seen = 0;
  }

  hear(interactionId: string, speaker: Speaker, text: string): void {
    const { turns } = this.#call(interactionId);
    const last = turns.at(-1);
    if (last?.isOpen === true && last.speaker === speaker) last.text += ` ${text}`;
    else {
      if (last !== undefined) last.isOpen = false;
      turns.push({ speaker, text, isOpen: true });
    }
    if (turns.length > MAX_TURNS) turns.shift();
  }

  endTurn(interactionId: string): void {
    const last = this.calls.get(interactionId)?.turns.at(-1);
    if (last !== undefined) last.isOpen = false;
  }

  /** New cards replace those without a decision; decided ones stay visible for a while. */
  receive(interactionId: string, question: string, cards: readonly AssistCard[]): void {
    const call = this.#call(interactionId);
    this.#selected ??= interactionId;
    this.questions += 1;
    this.cards += cards.length;
    const known = new Map([...call.earlier, ...call.cards].map((shown) => [shown.card.id, shown]));
    const ids = new Set(cards.map(({ id }) => id));
    const decided = call.cards.filter(({ card, status }) => status !== 'open' && !ids.has(card.id));
    call.earlier = [...decided, ...call.earlier.filter(({ card }) => !ids.has(card.id))].slice(0, MAX_EARLIER);
    call.question = question;
    call.cards = cards.map((card) => ({ card, status: known.get(card.id)?.status ?? 'open' }));
  }

  decide(interactionId: string, insightId: string, status: CardStatus): void {
    if (status === 'accepted') this.accepted += 1;
    if (status === 'rejected') this.rejected += 1;
    const call = this.calls.get(interactionId);
    for (const shown of [...(call?.cards ?? []), ...(call?.earlier ?? [])]) {
      if (shown.card.id === insightId) shown.status = status;
    }
  }

  #call(interactionId: string): Call {
    const known = this.calls.get(interactionId);
    if (known !== undefined) return known;
    this.#seen += 1;
    const call: Call = { interactionId, number: this.#seen, turns: [], question: '', cards: [], earlier: [] };
    this.calls.set(interactionId, call);
    for (const [id] of this.calls) {
      if (this.calls.size <= MAX_CALLS) break;
      if (id !== this.#selected) this.calls.delete(id);
    }
    return call;
  }
}
