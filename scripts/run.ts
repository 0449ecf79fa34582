// Runs one program of a folder by name: `npm run example -- agent-assist-service`.
//
// The comment at the head of a program is its help: `--help` prints it, and without a name the first lines are listed.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';

const [folder = '', name = '', ...rest] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (names.includes(name)) {
  if (rest.includes('--help') || rest.includes('-h')) console.log(help(name).join('\n'));
  else run(`${folder}/${name}.ts`, rest);
} else {
  const width = Math.max(...names.map(({ length }) => length));
  const list = names.map((known) => `  ${known.padEnd(width)}  ${help(known)[0] ?? ''}`);
  const isAsked = name === '' || name === '--help' || name === '-h';
  if (!isAsked) console.error(`There is no ${folder}/${name}.ts. Choose one of:`);
  console[isAsked ? 'log' : 'error'](list.join('\n'));
  process.exitCode = isAsked ? 0 : 2;
}

function help(program: string): readonly string[] {
  const lines = readFileSync(`${folder}/${program}.ts`, 'utf8').split('\n');
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('//')),
    )
    .map((line) => line.replace(/^\/\/ ?/, ''));
}

function run(file: string, args: readonly string[]): void {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
