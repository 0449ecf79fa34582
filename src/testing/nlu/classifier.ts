import { gazetteer, shapesOf, findEntities, type EntityModel, type FoundEntity } from './entities.js';
import { checkKind, checkFields } from '../../options.js';

/** A training example for the tenant's NLU. */
export interface TrainingExample {
  readonly text: string;
  readonly intent: string;
  /** Entities, by type; the values are parts of the text. */
  readonly entities?: Readonly<Record<string, unknown>> | undefined;
}

/** What the NLU understood. */
export interface Understanding {
  /** The most likely intent; empty before training. */
  readonly intent: string;
  /** Probability, 0 to 1, four decimals. */
  readonly confidence: number;
  readonly entities: readonly FoundEntity[];
}

/** Additive smoothing of the word counts. */
const SMOOTHING = 0.3;
interface IntentModel {
  readonly intent: string;
  readonly words: Map<string, number>;
  examples: number;
  total: number;
}

/**
 * A small classifier: multinomial naive Bayes over words and pairs of words. Entities are found by known names and shapes
 * of numbers. It knows only its training examples, and it errs.
 */
export class Nlu {
  readonly #intents: IntentModel[] = [];
  readonly #vocabulary = new Set<string>();
  readonly #entities: EntityModel;
  #examples = 0;

  constructor(examples: readonly TrainingExample[]) {
    checkKind('examples', examples, 'a list of objects');
    for (const [index, example] of examples.entries())
      checkFields(`examples[${index}]`, example, { text: 'a string', intent: 'a string' });
    const byIntent = new Map<string, IntentModel>();
    for (const { text, intent } of examples) {
      const model = byIntent.get(intent) ?? { intent, words: new Map<string, number>(), examples: 0, total: 0 };
      byIntent.set(intent, model);
      model.examples += 1;
      this.#examples += 1;
      for (const word of featuresOf(text)) {
        model.words.set(word, (model.words.get(word) ?? 0) + 1);
        model.total += 1;
        this.#vocabulary.add(word);
      }
    }
    this.#intents = [...byIntent.values()].sort((a, b) => (a.intent < b.intent ? -1 : 1));
    this.#entities = { names: gazetteer(examples), shapes: shapesOf(examples) };
  }

  understand(text: string): Understanding {
    const { intent, confidence } = this.rank(text)[0] ?? { intent: '', confidence: 0 };
    return { intent, confidence, entities: findEntities(text, this.#entities) };
  }

  /** Returns every intent with its probability, the most likely first. */
  rank(text: string): readonly Pick<Understanding, 'intent' | 'confidence'>[] {
    const probabilities = softmax(this.#scores(featuresOf(text)));
    return this.#intents
      .map(({ intent }, index) => ({ intent, confidence: probabilities[index] ?? 0 }))
      .sort((a, b) => b.confidence - a.confidence)
      .map(({ intent, confidence }) => ({ intent, confidence: Math.round(confidence * 10_000) / 10_000 }));
  }

  /** Returns the log-likelihood of the words under each intent. */
  #scores(words: readonly string[]): number[] {
    const known = words.filter((word) => this.#vocabulary.has(word));
    return this.#intents.map((model) => {
      const total = model.total + SMOOTHING * this.#vocabulary.size;
      const prior = Math.log((model.examples + SMOOTHING) / this.#examples);
      return known.reduce((sum, word) => sum + Math.log(((model.words.get(word) ?? 0) + SMOOTHING) / total), prior);
    });
  }
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function featuresOf(text: string): string[] {
  // Numbers vary; only their presence is informative.
  const words = (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).map((word) =>
    /\p{N}/u.test(word) ? '#'.repeat(Math.min(word.length, 4)) : word,
  );
  const framed = ['^', ...words, '$'];
  return [...words, ...framed.slice(1).map((word, index) => `${framed[index] ?? ''} ${word}`)];
}
