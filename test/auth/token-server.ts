import type { Clock, Transport, TransportRequest } from 'agent-assist-sdk/http';
import { FakeClock } from '../helpers/fake-clock.js';

/** A request for a token that waits for its answer. */
export interface PendingRequest {
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  answer(status: number, body: unknown, headers?: Record<string, string>): void;
  /** Issues the next token: `token-1`, `token-2`, … */
  issue(expiresIn?: number): string;
  fail(error: Error): void;
}

/** A token endpoint in memory whose answers the test decides, request by request. */
export class TokenServer {
  readonly requests: PendingRequest[] = [];
  readonly transport: Transport;
  /** Answers every request as it comes; without it they wait. */
  onRequest: ((request: PendingRequest) => void) | undefined;
  maxAtATime = 0;
  #open = 0;
  #issued = 0;

  constructor() {
    this.transport = (request) => this.#receive(request);
  }

  get last(): PendingRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('no request came');
    return last;
  }

  get issued(): number {
    return this.#issued;
  }

  #receive({ body, headers, signal }: TransportRequest): ReturnType<Transport> {
    return new Promise((resolve, reject) => {
      this.#open += 1;
      this.maxAtATime = Math.max(this.maxAtATime, this.#open);
      let open = true;
      const end = (): void => {
        if (open) this.#open -= 1;
        open = false;
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const answer = (status: number, answerBody: unknown, answerHeaders: Record<string, string> = {}): void => {
        end();
        const text = typeof answerBody === 'string' ? answerBody : JSON.stringify(answerBody);
        resolve(new Response(text, { status, headers: answerHeaders }));
      };
      signal.addEventListener('abort', () => {
        fail(new Error('aborted'));
      });
      const request: PendingRequest = {
        form: new URLSearchParams(body),
        headers,
        signal,
        answer,
        fail,
        issue: (expiresIn = 3600) => {
          this.#issued += 1;
          const token = `token-${this.#issued}`;
          answer(200, { access_token: token, token_type: 'Bearer', expires_in: expiresIn });
          return token;
        },
      };
      this.requests.push(request);
      this.onRequest?.(request);
    });
  }
}

/** Answers every request with a token of that lifetime, after a latency on the clock. */
export function issuing(
  expiresIn: number,
  latency?: { readonly clock: Clock; readonly ms: number },
): (request: PendingRequest) => void {
  return (request) => {
    if (latency === undefined) request.issue(expiresIn);
    else latency.clock.setTimeout(() => request.issue(expiresIn), latency.ms);
  };
}

/** Lets everything that needs no time happen. */
export async function settle(clock: FakeClock = new FakeClock()): Promise<void> {
  await clock.advance(0);
}
