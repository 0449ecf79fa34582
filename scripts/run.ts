// Runs one program of a folder by name: `npm run example -- agent-assist-service`, `npm run mutation -- src/http`.
//
// The comment at the head of a program is its help: `--help` prints it, and without a name the first lines are listed.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { asksForHelp, headComment } from './head-comment.ts';

const [folder = '', name = '', ...rest] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (names.includes(name)) {
  if (asksForHelp(rest)) console.log(headComment(`${folder}/${name}.ts`).join('\n'));
  else run(`${folder}/${name}.ts`, rest);
} else {
  const width = Math.max(...names.map(({ length }) => length));
  const list = names.map((known) => `  ${known.padEnd(width)}  ${headComment(`${folder}/${known}.ts`)[0] ?? ''}`);
  const isAsked = name === '' || asksForHelp([name]);
  if (!isAsked) console.error(`There is no ${folder}/${name}.ts. Choose one of:`);
  console[isAsked ? 'log' : 'error'](list.join('\n'));
  process.exitCode = isAsked ? 0 : 2;
}

function run(file: string, args: readonly string[]): void {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
