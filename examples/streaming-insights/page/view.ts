import type { Call, CardStatus, Model, ShownCard, Turn } from './model.ts';

export interface Actions {
  readonly select: (interactionId: string) => void;
  readonly decide: (interactionId: string, insightId: string, action: 'accepted' | 'rejected') => void;
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

function make(tag: string, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

function at(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * What is drawn where; a part is drawn again only if its content has changed, so that focus and scroll position stay.
 */
const drawn = new WeakMap<HTMLElement, string>();

function fill(element: HTMLElement, key: unknown, children: () => Node[]): boolean {
  const text = JSON.stringify(key);
  if (drawn.get(element) === text) return false;
  drawn.set(element, text);
  element.replaceChildren(...children());
  return true;
}

/** Draws the desktop. External texts only ever become text nodes. */
export function render(model: Model, actions: Actions): void {
  at('questions').textContent = String(model.questions);
  at('cards-count').textContent = String(model.cards);
  at('accepted').textContent = String(model.accepted);
  at('rejected').textContent = String(model.rejected);

  const { selected } = model;
  const calls = [...model.calls.values()].reverse();
  fill(
    at('calls'),
    [selected?.interactionId, calls.map((call) => [call.interactionId, call.turns.at(-1), openCards(call)])],
    () => calls.map((call) => drawCall(call, call === selected, actions)),
  );

  at('talk-id').textContent = selected === undefined ? '' : selected.interactionId;
  at('talk-empty').hidden = selected !== undefined;
  at('assist-empty').hidden = (selected?.cards.length ?? 0) > 0;
  if (selected === undefined) return;
  drawTalk(at('talk'), selected);
  fill(at('assist'), [selected.interactionId, selected.question, selected.cards, selected.earlier], () =>
    drawCards(selected, actions),
  );
}

const openCards = (call: Call): number => call.cards.filter(({ status }) => status === 'open').length;

function drawCall(call: Call, isSelected: boolean, actions: Actions): HTMLElement {
  const button = make(
    'button',
    { class: 'call', type: 'button', 'aria-current': isSelected ? 'true' : undefined },
    make('span', { class: 'face', 'aria-hidden': 'true' }, String(call.number)),
    make('span', { class: 'name' }, `Customer ${call.number}`),
    make('span', { class: 'badge', title: 'Cards to decide on' }, openCards(call) > 0 ? String(openCards(call)) : ''),
    make('span', { class: 'last' }, call.turns.at(-1)?.text ?? ''),
  );
  button.style.setProperty('--hue', String((call.number * 67 + 190) % 360));
  button.addEventListener('click', () => actions.select(call.interactionId));
  return make('li', {}, button);
}

function drawTalk(list: HTMLElement, call: Call): void {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 160;
  const changed = fill(list, [call.interactionId, call.turns], () => call.turns.map(drawTurn));
  if (changed && isAtEnd) list.scrollTop = list.scrollHeight;
}

function drawTurn({ speaker, text, isOpen }: Turn): HTMLElement {
  return make(
    'li',
    { class: 'turn', 'data-speaker': speaker, 'data-open': isOpen ? 'true' : undefined },
    make('span', { class: 'who' }, speaker === 'agent' ? 'Agent' : 'Customer'),
    make('span', { class: 'text' }, text),
  );
}

function drawCards(call: Call, actions: Actions): Node[] {
  const best = Math.max(...call.cards.map(({ card }) => card.score), Number.MIN_VALUE);
  const parts: Node[] = call.cards.map((shown) => drawCard(call, shown, best, actions));
  if (parts.length > 0) parts.unshift(make('p', { class: 'asked' }, 'For ', make('q', {}, call.question)));
  if (call.earlier.length > 0) parts.push(make('p', { class: 'earlier' }, 'Decided before'));
  return [...parts, ...call.earlier.map((shown) => drawPastCard(call, shown, actions))];
}

function drawPastCard(call: Call, { card, status }: ShownCard, actions: Actions): HTMLElement {
  return make(
    'article',
    { class: 'card past', 'data-status': status, 'data-insight': card.id },
    make('h3', {}, card.title),
    drawDecision(call, card.id, card.title, status, actions),
  );
}

const seen = new Set<string>();

function drawCard(call: Call, { card, status }: ShownCard, best: number, actions: Actions): HTMLElement {
  const key = `${call.interactionId} ${call.question} ${card.id}`;
  const isNew = !seen.has(key);
  seen.add(key);
  if (seen.size > 1000) seen.clear();
  const isBest = card.priority === 1 && status === 'open';
  return make(
    'article',
    { class: `card${isNew ? ' new' : ''}${isBest ? ' best' : ''}`, 'data-status': status, 'data-insight': card.id },
    make(
      'h3',
      {},
      make('span', { class: 'rank', title: `Priority ${card.priority}` }, String(card.priority)),
      card.title,
    ),
    make('p', { class: 'snippet' }, /[.!?…]$/.test(card.snippet) ? card.snippet : `${card.snippet}…`),
    make(
      'div',
      { class: 'source' },
      drawCitation(card.citation),
      make('meter', { min: 0, max: 1, value: Math.min(1, card.score / best), title: `Score ${card.score}` }),
    ),
    drawDecision(call, card.id, card.title, status, actions),
  );
}

/** A URL of another scheme than http could run a script. */
function drawCitation(citation: string): Node {
  if (!/^https?:\/\//i.test(citation) || !URL.canParse(citation)) return make('span', {}, 'No source');
  const { hostname, pathname } = new URL(citation);
  return make(
    'a',
    { href: citation, target: '_blank', rel: 'noopener noreferrer', title: citation },
    hostname + pathname,
  );
}

function drawDecision(call: Call, insightId: string, title: string, status: CardStatus, actions: Actions): HTMLElement {
  if (status === 'accepted') return make('span', { class: 'verdict' }, 'Accepted, recorded for training');
  if (status === 'rejected') return make('span', { class: 'verdict' }, 'Rejected, recorded for training');
  const button = (name: 'accept' | 'reject', label: string, action: 'accepted' | 'rejected'): HTMLElement => {
    const element = make(
      'button',
      { class: name, type: 'button', 'aria-label': `${label}: ${title}`, disabled: status === 'sending' },
      label,
    );
    element.addEventListener('click', () => actions.decide(call.interactionId, insightId, action));
    return element;
  };
  const buttons = make(
    'div',
    { class: 'decide' },
    button('accept', 'Accept', 'accepted'),
    button('reject', 'Reject', 'rejected'),
  );
  if (status === 'failed') buttons.append(make('span', { class: 'failed', role: 'alert' }, 'Not sent. Try again.'));
  return buttons;
}
