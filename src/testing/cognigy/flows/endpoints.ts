import { randomBytes } from 'node:crypto';
import { LinkedMap } from '../../../linked-map.js';
import { KEPT } from '../../server/kept.js';
import type { EntityStore } from '../server/entities.js';
import { CognigyFlow, type CognigyFlowScript } from './flow.js';
import { checkFields } from '../../../options.js';

/** Kind of an endpoint: `rest` responds to each input, `socket` is the Socket.IO endpoint. */
export type CognigyChannel = 'rest' | 'socket';

/** Transformers of an endpoint. */
export interface CognigyTransformers {
  /** Turns the body of a request into an input: `{userId, sessionId, text?, data?}`. */
  readonly input?: ((body: unknown) => unknown) | undefined;
  /** Replaces the response of a REST endpoint, in any shape: *execution finished*. */
  readonly executionFinished?: ((answer: CognigyEndpointAnswer) => unknown) | undefined;
}

/** The response of a REST endpoint. */
export interface CognigyEndpointAnswer {
  /** The texts of all outputs, concatenated. */
  readonly text: string;
  /** The data of all outputs, merged. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly outputStack: readonly object[];
  readonly userId: string;
  readonly sessionId: string;
}

/** Options of {@link CognigyEndpoints.add}. */
export interface CognigyEndpointOptions {
  /** The flow, e.g. that of another endpoint; or the behavior of a new one. */
  readonly flow: CognigyFlow | CognigyFlowScript;
  /** Kind of the endpoint. @defaultValue `rest` */
  readonly channel?: CognigyChannel | undefined;
  /** Its URLToken. @defaultValue a random one */
  readonly urlToken?: string | undefined;
  readonly transformers?: CognigyTransformers | undefined;
}

/** An endpoint: a URLToken that stands for a flow. */
export interface CognigyEndpoint {
  /** The secret of its URL. */
  readonly urlToken: string;
  readonly channel: CognigyChannel;
  readonly flow: CognigyFlow;
  readonly transformers: CognigyTransformers;
}

/** The latest 10,000 endpoints of the project; each further one evicts the oldest. */
export class CognigyEndpoints {
  readonly #store: EntityStore;
  readonly #projectId: string;
  readonly #endpoints = new LinkedMap<string, CognigyEndpoint>(KEPT);

  /** @internal */
  constructor(store: EntityStore, projectId: string) {
    this.#store = store;
    this.#projectId = projectId;
  }

  /** Adds an endpoint. */
  add(options: CognigyEndpointOptions): CognigyEndpoint {
    checkFields('endpoint', options, { flow: 'an object or a function' });
    const { channel = 'rest', urlToken = randomBytes(32).toString('hex'), transformers = {} } = options;
    const flow = typeof options.flow === 'function' ? new CognigyFlow('Flow', options.flow) : options.flow;
    const endpoint = { urlToken, channel, flow, transformers };
    this.#endpoints.set(urlToken, endpoint);
    this.#store.create({
      projectReference: this.#projectId,
      name: `${flow.name} (${channel})`,
      channel,
      URLToken: urlToken,
      flowId: flow.referenceId,
    });
    return endpoint;
  }

  /** @internal */
  find(urlToken: string | undefined): CognigyEndpoint | undefined {
    return this.#endpoints.get(urlToken ?? '');
  }
}
