import {
  answer,
  scriptedServer,
  type ReceivedRequest,
  type Script,
  type ScriptedServer,
} from '../helpers/scripted-server.js';

export const ids = {
  project: 'aaaaaaaaaaaaaaaaaaaaaaaa',
  snapshot: '555555555555555555555555',
  flow: '010d1970-89b9-4012-892b-53c78ef6c117',
  locale: '8b3b45e2-48f9-446d-a4c5-35d8284a01b2',
};
export const apiKey = 'canary-key-5f1e';

interface Assert {
  readonly type: string;
  readonly params: Record<string, unknown>;
}
interface Step {
  readonly text: string;
  readonly asserts?: readonly Assert[];
}
interface Task {
  readonly playbookId: string;
  statuses: string[];
}

/** What the double understands of a text: intents with scores, the best first, and slots. */
export interface Understanding {
  readonly scores: readonly (readonly [intent: string, score: number])[];
  readonly slots?: readonly string[];
}

/** A double of the playbook, task and NLU routes, written from the facts and the transcript alone. */
export class PlaybookServer implements AsyncDisposable {
  readonly playbooks = new Map<string, { name: string; steps: Step[] }>();
  readonly tasks = new Map<string, Task>();
  /** Statuses that the next tasks go through. */
  statuses = ['queued', 'active', 'done'];
  /** Further fields of every task. */
  taskFields: Record<string, unknown> = {};
  /** Whether tasks stay as they are, and are `active`. */
  hold: () => boolean = () => false;
  /** Changes a run before it is answered. */
  changeRun: (run: { status: string; stepResults: Record<string, unknown>[] }) => unknown = (run) => run;
  /** Answers in place of the route, for the next requests of it. */
  readonly faults: { readonly route: RegExp; readonly script: Script; times: number }[] = [];
  readonly running = { now: 0, most: 0 };
  readonly #understand: (text: string) => Understanding;
  #server: ScriptedServer | undefined;
  #count = 0;

  constructor(understand: (text: string) => Understanding) {
    this.#understand = understand;
  }

  static async start(understand: (text: string) => Understanding): Promise<PlaybookServer> {
    const server = new PlaybookServer(understand);
    server.#server = await scriptedServer((response, request) => {
      server.#answer(request)(response, request);
    });
    return server;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Method and path of every request, ids in place. */
  get routes(): string[] {
    return (this.#server?.requests ?? []).map(({ method, url }) => `${method} ${url}`);
  }

  get requests(): readonly ReceivedRequest[] {
    return this.#server?.requests ?? [];
  }

  fault(route: RegExp, script: Script, times = 1): void {
    this.faults.push({ route, script, times });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  #answer(request: ReceivedRequest): Script {
    const { method, url, headers, body } = request;
    if (headers['x-api-key'] !== apiKey) return problem(401, 401, 'Unauthorized');
    if (method === 'GET' && body !== '') return problem(400, 1005, 'a GET has no body');
    const fault = this.faults.find(({ route, times }) => times > 0 && route.test(`${method} ${url}`));
    if (fault !== undefined) {
      fault.times -= 1;
      return fault.script;
    }
    const path = url.replace(/^\/new\/v2\.0\//, '');
    const json = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
    const [kind, id = '', part, runId] = path.split('/');
    if (kind === 'projects' && part === 'nlu') return this.#scores(json);
    if (kind === 'tasks') return method === 'POST' ? this.#cancel(id) : this.#task(id);
    if (kind !== 'playbooks') return problem(404, 1002, 'no such route');
    if (id === '') return this.#create(json);
    const playbook = this.playbooks.get(id);
    if (playbook === undefined) return problem(404, 1002, 'Resource not found');
    if (part === 'steps') return this.#addStep(playbook.steps, json);
    if (part === 'schedule') return this.#schedule(id, json);
    if (part === 'runs') return this.#run(runId ?? '', playbook.steps);
    if (method === 'DELETE') return this.#delete(id);
    return answer(200, {
      _id: id,
      name: playbook.name,
      steps: playbook.steps.map((step, n) => ({ _id: oid(n), ...step })),
    });
  }

  #create(json: Record<string, unknown>): Script {
    const refused = refuseUnknown(json, ['projectId', 'name', 'abortOnError', 'timeout', 'steps']);
    if (refused !== undefined) return refused;
    const id = oid((this.#count += 1));
    this.playbooks.set(id, { name: String(json['name']), steps: [] });
    return answer(201, { _id: id, ...json, createdAt: 1 });
  }

  #addStep(steps: Step[], json: Record<string, unknown>): Script {
    const refused = refuseUnknown(json, ['text', 'data', 'asserts']);
    if (refused !== undefined) return refused;
    steps.push(json as unknown as Step);
    return answer(201, { _id: oid(steps.length), asserts: [], ...json });
  }

  #schedule(playbookId: string, json: Record<string, unknown>): Script {
    const refused = refuseUnknown(json, ['entrypoint', 'flowId', 'localeId', 'playbookId']);
    if (refused !== undefined) return refused;
    const id = oid(1000 + (this.#count += 1));
    this.tasks.set(id, { playbookId, statuses: [...this.statuses] });
    this.running.now += 1;
    this.running.most = Math.max(this.running.most, this.running.now);
    return answer(201, {
      _id: id,
      status: 'queued',
      type: 'runPlaybook',
      parameters: {},
      createdAt: 1,
      lastChangedAt: 1,
    });
  }

  #task(id: string): Script {
    const task = this.tasks.get(id);
    if (task === undefined) return problem(404, 1002, 'Resource not found');
    if (this.hold() && task.statuses[0] !== 'cancelled') return answer(200, { _id: id, status: 'active' });
    const [status = 'done', ...later] = task.statuses;
    if (later.length > 0) task.statuses = later;
    else this.running.now -= 1;
    const done = status === 'done' ? { data: { playbookRunId: `run${id.slice(3)}` } } : {};
    return answer(200, { _id: id, name: 'runPlaybook', status, failReason: null, ...done, ...this.taskFields });
  }

  #cancel(id: string): Script {
    const task = this.tasks.get(id);
    if (task !== undefined) task.statuses = ['cancelled'];
    return answer(200, {});
  }

  #delete(id: string): Script {
    this.playbooks.delete(id);
    return answer(204, '');
  }

  #run(runId: string, steps: readonly Step[]): Script {
    const stepResults = steps.map(({ text, asserts = [] }) => {
      const { scores, slots = [] } = this.#understand(text);
      const results = asserts.map(({ type, params }) => {
        const holds =
          type === 'assertIntent' ? params['intent'] === scores[0]?.[0] : slots.includes(String(params['slot']));
        const actual = type === 'assertIntent' ? { intent: scores[0]?.[0] } : { slots };
        return { _id: oid(1), type, params, status: holds ? 'successful' : 'failed', actual };
      });
      const status = results.every((result) => result.status === 'successful') ? 'successful' : 'failed';
      return { _id: oid(1), status, text, data: {}, timeout: false, asserts: results };
    });
    const status = stepResults.every((step) => step.status === 'successful') ? 'successful' : 'failed';
    return answer(200, this.changeRun({ _id: runId, status, stepResults } as never));
  }

  #scores(json: Record<string, unknown>): Script {
    const refused = refuseUnknown(json, ['flowReferenceId', 'localeReferenceId', 'sentence']);
    if (refused !== undefined) return refused;
    const { scores } = this.#understand(String(json['sentence']));
    return answer(200, {
      scores: scores.map(([name, score], index) => ({ id: `u${index}`, name, score, negated: false, flow: 'f' })),
    });
  }
}

export function problem(status: number, code: number, detail: string): Script {
  const body = { type: 'about:blank', title: detail, status, detail, code, traceId: 'api--f84324f4' };
  return answer(status, body, { 'content-type': 'application/problem+json' });
}

function refuseUnknown(json: Record<string, unknown>, known: readonly string[]): Script | undefined {
  const unknown = Object.keys(json).find((name) => !known.includes(name));
  return unknown === undefined ? undefined : problem(400, 1005, `unknown field ${unknown}`);
}

function oid(value: number): string {
  return value.toString(16).padStart(24, '0');
}
