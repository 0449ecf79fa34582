// Runs one program of a folder by name: `npm run example -- agent-assist-service`, `npm run bench -- http`.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';

const [folder = '', name = '', ...rest] = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (names.includes(name)) {
  const child = spawn(process.execPath, [`${folder}/${name}.ts`, ...rest], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
} else {
  console.error(`${name === '' ? 'Which one?' : `There is no ${folder}/${name}.ts.`} Choose from: ${names.join(', ')}`);
  process.exitCode = 2;
}
