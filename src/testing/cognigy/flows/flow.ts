import { randomUUID } from 'node:crypto';
import { Nlu, type TrainingExample, type Understanding } from '../../nlu/classifier.js';
import { sampleUtterances } from '../../fixtures/sample-utterances.js';
import type { Understand } from '../../routes/simulation.js';

/** What a flow is run with. */
export interface CognigyFlowInput {
  /** What was said; empty when only data was sent. */
  readonly text: string;
  /** What was sent along. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The user. */
  readonly userId: string;
  /** The session. */
  readonly sessionId: string;
  /** Which input of the session this is, from 1. */
  readonly turn: number;
  /** The session's context, which lasts from run to run: the flow may change it. */
  readonly context: Record<string, unknown>;
  /** What the flow's NLU makes of the text. */
  readonly understanding: Understanding;
  /** Whether it came over the test URL. */
  readonly isTest: boolean;
}

/** One output of a flow. */
export interface CognigyFlowOutput {
  /** What it says. */
  readonly text?: string | undefined;
  /** What it sends along. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** What a flow does. */
export type CognigyFlowScript = (
  input: CognigyFlowInput,
) => readonly CognigyFlowOutput[] | Promise<readonly CognigyFlowOutput[]>;

/** An output as it stands on the wire. */
export interface CognigyOutput {
  /** What it says; empty without text. */
  readonly text: string;
  /** What it sends along; empty without data. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Id of the run. */
  readonly traceId: string;
  /** Whether it is kept out of the logs. */
  readonly disableSensitiveLogging: boolean;
  /** Who says it. */
  readonly source: 'bot';
}

/** A flow: what it understands and what it says. */
export class CognigyFlow {
  /** Its name. */
  readonly name: string;
  /** Its reference, a UUID. */
  readonly referenceId: string = randomUUID();
  #script: CognigyFlowScript;
  #understand: Understand | undefined;
  #nlu: Nlu | undefined;
  #runs = 0;

  /** @internal */
  constructor(name: string, script: CognigyFlowScript) {
    this.name = name;
    this.#script = script;
  }

  /** How often it ran. */
  get runs(): number {
    return this.#runs;
  }

  /** Replaces what it does. A script that throws is a flow that fails. */
  answerWith(script: CognigyFlowScript): void {
    this.#script = script;
  }

  /** Teaches its NLU by examples. It starts with a few dozen sentences of an airline's customers. */
  train(examples: readonly TrainingExample[]): void {
    this.#nlu = new Nlu(examples);
    this.#understand = undefined;
  }

  /** Replaces its understanding with a custom function. */
  understandWith(understand: Understand): void {
    this.#understand = understand;
  }

  /** What it makes of a sentence. */
  understand(text: string): Understanding {
    return (this.#understand ?? ((sentence) => this.#trained.understand(sentence)))(text);
  }

  /** @internal Every intent with its score, the likeliest first. */
  scores(text: string): readonly Pick<Understanding, 'intent' | 'confidence'>[] {
    return this.#understand === undefined ? this.#trained.rank(text) : [this.#understand(text)];
  }

  /** @internal */
  async run(input: CognigyFlowInput): Promise<readonly CognigyOutput[]> {
    this.#runs += 1;
    const traceId = `endpoint-realtimeClient-${randomUUID()}`;
    const outputs = await this.#script(input);
    return outputs.map(({ text = '', data = {} }) => ({
      text,
      data,
      traceId,
      disableSensitiveLogging: false,
      source: 'bot' as const,
    }));
  }

  get #trained(): Nlu {
    return (this.#nlu ??= new Nlu(sampleUtterances));
  }
}
