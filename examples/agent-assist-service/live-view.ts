import pc from 'picocolors';
import {
  ApiError,
  type AssistMetrics,
  type AssistOutcome,
  type AssistStream,
  type AttemptInfo,
  type PolicyViolation,
  type TriggerReason,
} from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';

type Style = (text: string) => string;

const plain: Style = (text) => text;
/** Column where the spoken text begins. */
const INDENT = 14;
const SUMMARY_INDENT = 27;

/** Shows the demo to a person, using only the SDK's public hooks. Uses colors and wraps lines only on a terminal. */
export class LiveView {
  readonly #output: NodeJS.WriteStream;
  readonly #records: AssistMetrics[] = [];
  readonly #failures: string[] = [];
  readonly #waitsMs: number[] = [];
  #said = 0;
  #dropped = 0;
  #outcome = Promise.withResolvers<undefined>();
  /** Whether a token was fetched since the last successful call. */
  #hasNewToken = false;
  /** The last refused attempt, until one succeeds. */
  #refused: { readonly status: number | undefined; readonly at: number } | undefined;
  #droppedAt = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  intro(): void {
    this.#line(`${pc.bold('agent-assist-sdk')}  what to say next, while the customer is still talking`);
    this.#write(
      '',
      'The platform is a stand-in on this machine, with real HTTP and WebSocket. It fails on purpose: watch what the agent notices.',
      pc.dim,
      0,
    );
  }

  act(number: number, title: string): void {
    this.#line('');
    this.#line(pc.bold(`${number}  ${title}`));
  }

  /** Resolves when the next sentence has been handled. */
  nextOutcome(): Promise<void> {
    this.#said += 1;
    this.#outcome = Promise.withResolvers();
    return this.#outcome.promise;
  }

  readonly onUpdate = ({ transcript, context }: InteractionUpdate): void => {
    const isAgent = context?.['speaker'] === 'agent';
    this.#write(isAgent ? '   agent' : '   customer', transcript, isAgent ? pc.dim : plain);
  };

  readonly onMetrics = (record: AssistMetrics): void => void this.#records.push(record);

  readonly onTokenAttempt = ({ status }: AttemptInfo): void => {
    if (status === 200) this.#hasNewToken = true;
  };

  readonly onAttempt = ({ attempt, status, durationMs, retryDelayMs }: AttemptInfo): void => {
    const refused = this.#refused;
    const at = performance.now();
    if (status === 429) this.#failed('a 429', `the platform returned 429, Retry-After ${seconds(retryDelayMs)}`);
    else if (status === 401) this.#failed('a revoked token', 'the platform returned 401: the token was revoked');
    else if (status !== 200) this.#failed(`a ${status ?? 'lost call'}`, `the platform returned ${status ?? 'nothing'}`);
    else if (refused?.status === 401 && this.#hasNewToken)
      this.#survived('✓', `fetched a new token, retried the same call once: ${status}`);
    else if (refused !== undefined)
      this.#survived('↻', `waited ${seconds(at - durationMs - refused.at)}, attempt ${attempt}: ${status}`);
    this.#refused = status === 200 ? undefined : { status, at };
    if (status === 200) this.#hasNewToken = false;
  };

  readonly onStream = (stream: AssistStream): void => {
    stream.on('close', ({ code }) => {
      this.#droppedAt = performance.now();
      if (code === 1006) this.#failed('a dropped stream', `the stream dropped (${code})`);
    });
    stream.on('open', ({ connection }) => {
      if (connection > 1)
        this.#survived('✓', `reconnected after ${seconds(performance.now() - this.#droppedAt)}, no action needed`);
    });
  };

  readonly onOutcome = (outcome: AssistOutcome, durationMs: number): void => {
    if (outcome.status !== 'skipped') this.#show(outcome, durationMs);
    this.#outcome.resolve(undefined);
  };

  /** A summary for a manager. */
  summary(): void {
    const fired = this.#records.filter(({ triggered }) => triggered);
    const count = (field: 'cached' | 'fallback'): number => fired.filter((record) => record[field]).length;
    const shown = fired.reduce((sum, { suggestionCount }) => sum + suggestionCount, 0);
    const calls = new Set(this.#records.map(({ interactionId }) => interactionId)).size;
    // Sentences that never arrived, and moments when the agent's panel was empty.
    const missed =
      this.#said - this.#records.length + fired.filter(({ suggestionCount }) => suggestionCount === 0).length;
    const [cached, fixed] = [count('cached'), count('fallback')];
    this.#line('');
    this.#line(pc.bold('What happened'));
    for (const [name, text] of [
      ['calls', `${calls}, with ${this.#said} sentences`],
      ['went wrong on purpose', this.#failures.join(', ')],
      [
        'shown to the agent',
        `${shown} suggestions at ${fired.length} moments: ${fired.length - cached - fixed} answered by the platform, ${cached} from the cache, ${fixed} as a fallback`,
      ],
      ['kept from the agent', `${this.#dropped} suggestions that the policy dropped`],
      ['slowest suggestion', seconds(Math.max(0, ...this.#waitsMs))],
    ] as const)
      this.#write(`   ${name}`, text, plain, SUMMARY_INDENT);
    this.#write(
      '   what the agent missed',
      missed === 0 ? 'nothing' : `${missed} moments`,
      missed === 0 ? pc.green : pc.red,
      SUMMARY_INDENT,
    );
  }

  #show(outcome: Exclude<AssistOutcome, { status: 'skipped' }>, durationMs: number): void {
    this.#waitsMs.push(durationMs);
    const origin = {
      fresh: 'asked the platform',
      cached: 'answered from the cache, no call made',
      fallback: 'fallback suggestions, so that the panel is never blank',
    }[outcome.status];
    if (outcome.status === 'fallback' && outcome.error instanceof ApiError)
      this.#survived(
        '✓',
        `${seconds(outcome.error.retryAfterMs)} is too long for a customer on the line: the SDK does not wait`,
      );
    this.#note('▲', `${outcome.reasons.map(describe).join(', ')}: ${origin}, ${durationMs.toFixed(0)} ms`, pc.magenta);
    for (const { text, confidence } of outcome.suggestions) {
      this.#note('→', `${confidence?.toFixed(2) ?? '—'}  ${text}`, pc.cyan);
    }
    for (const { suggestion, violations } of outcome.dropped) {
      this.#dropped += 1;
      this.#note('✕', `not shown: ${suggestion.text} (${violations.map(explain).join(', ')})`, pc.dim);
    }
  }

  #failed(name: string, text: string): void {
    this.#failures.push(name);
    this.#note('⚡', text, pc.yellow);
  }

  #survived(mark: string, text: string): void {
    this.#note(mark, text, pc.green);
  }

  #note(mark: string, text: string, style: Style): void {
    // ⚡ takes two cells of a terminal.
    const gap = mark === '⚡' ? ' ' : '  ';
    this.#write('', text, style, INDENT, `${mark}${gap}`);
  }

  /** Writes a name in the left column and text beside it, wrapped at the terminal's width. */
  #write(name: string, text: string, style: Style, indent = INDENT, mark = ''): void {
    const hanging = indent + (mark === '' ? 0 : 3);
    const width = this.#output.isTTY ? Math.max(30, this.#output.columns - hanging) : Infinity;
    for (const [index, line] of wrap(text, width).entries()) {
      const left = index === 0 ? `${pc.dim(name.padEnd(indent))}${style(mark)}` : ' '.repeat(hanging);
      this.#line(left + style(line));
    }
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function seconds(ms = 0): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${(ms / 1000).toFixed(1)} s`;
}

function describe(reason: TriggerReason): string {
  switch (reason.type) {
    case 'keyword':
      return `“${reason.keyword}”`;
    case 'sentiment':
      return `unhappy (sentiment ${reason.score.toFixed(2).replace('-', '−')})`;
    case 'custom':
      return reason.name;
  }
}

function explain(violation: PolicyViolation): string {
  return violation.type === 'phrase'
    ? `“${violation.phrase}” is prohibited`
    : `confidence ${violation.confidence?.toFixed(2) ?? 'unknown'} is below ${violation.minConfidence}`;
}
