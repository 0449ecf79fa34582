import type { WriteStream } from 'node:tty';
import type { CaseResult, SuiteProgress } from 'agent-assist-sdk/simulation';
import { caseProblems } from 'agent-assist-sdk/simulation/reports';

const BAR_WIDTH = 30;
const MARKS = { passed: 'ok   ', failed: 'FAIL ', errored: 'ERROR' } as const;

/** Shows the progress of a suite. */
export interface Progress extends Disposable {
  show(event: SuiteProgress): void;
}

/** A bar on a terminal; one line for each case elsewhere, as in the log of a CI system. */
export function showProgress(stream: NodeJS.WriteStream, total: number, env: NodeJS.ProcessEnv): Progress {
  return stream.isTTY && !env['CI'] ? progressBar(stream, total) : progressLines(stream);
}

function progressLines(stream: NodeJS.WritableStream): Progress {
  return {
    show(event) {
      const note = noteOf(event);
      if (note !== undefined) stream.write(`${note}\n`);
      if (event.type !== 'case') return;
      const { result, done, total } = event;
      stream.write(`${MARKS[result.status]} ${done}/${total} ${plain(result.id)}${problemOf(result)}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function progressBar(stream: WriteStream, total: number): Progress {
  const counts = { passed: 0, failed: 0, errored: 0 };
  const clear = (): void => void stream.write('\r\u001b[K');
  const draw = (done: number): void => {
    const filled = Math.round((done / Math.max(1, total)) * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const line = `${bar} ${done}/${total}  ${counts.passed} passed, ${counts.failed} failed, ${counts.errored} without a verdict`;
    stream.write(`\r\u001b[K${line.slice(0, Math.max(20, stream.columns - 1))}`);
  };
  draw(0);
  return {
    show(event) {
      const note = noteOf(event);
      if (note !== undefined) {
        clear();
        stream.write(`${note}\n`);
      }
      if (event.type !== 'case') return;
      const { result, done } = event;
      counts[result.status] += 1;
      if (result.status !== 'passed') {
        clear();
        stream.write(`${MARKS[result.status]} ${plain(result.id)}${problemOf(result)}\n`);
      }
      draw(done);
    },
    [Symbol.dispose]: clear,
  };
}

function noteOf(event: SuiteProgress): string | undefined {
  if (event.type === 'paused') return `The server asked for a pause of ${Math.ceil(event.delayMs / 1000)} s`;
  if (event.type !== 'resumed') return undefined;
  const torn = event.tornLine === undefined ? '' : `; its line ${event.tornLine} was cut off and is skipped`;
  return event.finished > 0 || torn !== ''
    ? `Resuming after ${event.finished} cases of an interrupted run${torn}`
    : undefined;
}

function problemOf(result: CaseResult): string {
  const [first, ...more] = caseProblems(result);
  if (first === undefined) return '';
  return `: ${plain(first)}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
}

/** Removes control characters, which a terminal would obey. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
