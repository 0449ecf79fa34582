import { randomUUID } from 'node:crypto';
import { Nlu, type TrainingExample, type Understanding } from '../../nlu/classifier.js';
import { sampleUtterances } from '../../fixtures/sample-utterances.js';
import type { Understand } from '../../routes/simulation.js';
import { checkKind } from '../../../options.js';

/** Input of a flow's run. */
export interface CognigyFlowInput {
  /** The text; empty if only data was sent. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly userId: string;
  readonly sessionId: string;
  /** Number of the input in its session, from 1. */
  readonly turn: number;
  /** The session's context, which the flow may change. It lasts from run to run. */
  readonly context: Record<string, unknown>;
  /** What the flow's NLU understands of the text. */
  readonly understanding: Understanding;
  /** Whether it was sent to the test URL. */
  readonly isTest: boolean;
}

/** One output of a flow. */
export interface CognigyFlowOutput {
  readonly text?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** The behavior of a flow. */
export type CognigyFlowScript = (
  input: CognigyFlowInput,
) => readonly CognigyFlowOutput[] | Promise<readonly CognigyFlowOutput[]>;

/** @internal An output on the wire. */
export interface CognigyOutput {
  /** The text; empty without one. */
  readonly text: string;
  /** The data; empty without any. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Id of the run. */
  readonly traceId: string;
  /** Whether it is kept out of the logs. */
  readonly disableSensitiveLogging: boolean;
  readonly source: 'bot';
}

/** A flow: its understanding and its behavior. */
export class CognigyFlow {
  readonly name: string;
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

  /** Number of runs so far. */
  get runs(): number {
    return this.#runs;
  }

  /** Replaces the behavior. A script that throws makes the flow fail. */
  answerWith(script: CognigyFlowScript): void {
    checkKind('script', script, 'a function');
    this.#script = script;
  }

  /** Trains the NLU with examples. At first it knows a few dozen sentences of an airline's customers. */
  train(examples: readonly TrainingExample[]): void {
    this.#nlu = new Nlu(examples);
    this.#understand = undefined;
  }

  /** Replaces its understanding with a custom function. */
  understandWith(understand: Understand): void {
    checkKind('understand', understand, 'a function');
    this.#understand = understand;
  }

  /** Returns what it understands of a sentence. */
  understand(text: string): Understanding {
    checkKind('text', text, 'a string');
    return (this.#understand ?? ((sentence) => this.#trained.understand(sentence)))(text);
  }

  /** @internal Returns every intent with its score, the most likely first. */
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
