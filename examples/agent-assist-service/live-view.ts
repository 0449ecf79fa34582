import pc from 'picocolors';
import type { AssistOutcome, TriggerReason } from 'agent-assist-sdk';
import type { InteractionUpdate } from 'agent-assist-sdk/stream';

const NAME_WIDTH = 16;
const LABELS = {
  fresh: pc.green('fresh'),
  cached: pc.cyan('cached'),
  fallback: pc.yellow('fallback'),
  skipped: '',
} as const;

/** Writes the demo for a person to read. Colours only where the output is a terminal. */
export class LiveView {
  readonly #output: NodeJS.WriteStream;
  readonly #counts = { skipped: 0, fresh: 0, cached: 0, fallback: 0 };
  readonly #interactions = new Set<string>();
  readonly #durations: number[] = [];
  #shown = 0;
  #dropped = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  intro({
    origin,
    count,
    tenantUrl,
    widgetUrl,
  }: Readonly<Record<'origin' | 'tenantUrl' | 'widgetUrl', string>> & { readonly count: number }): void {
    this.#line(`${pc.bold('agent-assist-sdk')}  a live agent-assist service on the embedded tenant`);
    this.#line(pc.dim(`tenant  ${tenantUrl}`));
    this.#line(pc.dim(`widget  ${widgetUrl}`));
    this.#line(pc.dim(`plays   ${count} conversations from ${origin}; Ctrl-C ends`));
    this.#line('');
  }

  /** One update and what came of it. */
  handled(update: InteractionUpdate, outcome: AssistOutcome, durationMs: number): void {
    const { interactionId, transcript, sentimentScore, context } = update;
    this.#interactions.add(interactionId);
    this.#counts[outcome.status] += 1;
    const isAgent = context?.['speaker'] === 'agent';
    const who = isAgent ? pc.dim('agent   ') : 'customer';
    const name = interactionId.slice(0, NAME_WIDTH).padEnd(NAME_WIDTH);
    this.#line(`${pc.dim(name)} ${who}  ${isAgent ? pc.dim(this.#cut(transcript)) : this.#cut(transcript)}`);
    if (outcome.status === 'skipped') return;

    this.#durations.push(durationMs);
    const indent = ' '.repeat(NAME_WIDTH + 1);
    const fired = outcome.reasons.map((reason) => describe(reason)).join(', ');
    const mood = `sentiment ${sentimentScore?.toFixed(2) ?? 'unknown'}`;
    this.#line(
      `${indent}${pc.magenta('▲ fired')}   ${fired} ${pc.dim(`(${mood})`)}  ${LABELS[outcome.status]} ${pc.dim(`${durationMs.toFixed(1)} ms`)}`,
    );
    for (const { text, confidence } of outcome.suggestions) {
      this.#shown += 1;
      this.#line(`${indent}${pc.green('→')} ${pc.bold(confidence?.toFixed(2) ?? '—')}    ${this.#cut(text)}`);
    }
    for (const { suggestion, violations } of outcome.dropped) {
      this.#dropped += 1;
      this.#line(
        pc.dim(`${indent}✕ dropped   ${this.#cut(suggestion.text)} (${violations.map(({ type }) => type).join(', ')})`),
      );
    }
  }

  /** Totals at the end. */
  summary(): void {
    const { skipped, fresh, cached, fallback } = this.#counts;
    const sorted = this.#durations.toSorted((a, b) => a - b);
    const at = (share: number): string =>
      `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`;
    this.#line('');
    this.#line(
      `${pc.bold('Summary')}  ${this.#interactions.size} interactions, ${skipped + fresh + cached + fallback} updates`,
    );
    this.#line(
      `  triggers fired   ${fresh + cached + fallback} times: ${fresh} fresh, ${cached} cached, ${fallback} fallback`,
    );
    this.#line(`  suggestions      ${this.#shown} shown, ${this.#dropped} dropped by the policy`);
    if (sorted.length > 0)
      this.#line(`  time to outcome  median ${at(0.5)}, 95 % within ${at(0.95)}, longest ${at(1)}`);
  }

  #cut(text: string): string {
    const width = Math.max(40, (this.#output.isTTY ? this.#output.columns : 110) - NAME_WIDTH - 14);
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

function describe(reason: TriggerReason): string {
  switch (reason.type) {
    case 'keyword':
      return `keyword “${reason.keyword}”`;
    case 'sentiment':
      return `sentiment below ${reason.threshold}`;
    case 'custom':
      return reason.name;
  }
}
