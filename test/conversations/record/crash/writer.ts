import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import { recordStream } from 'agent-assist-sdk/conversations';

// Records until it is killed, and prints how many events are on disk. Big events take the disk long enough for a kill to
// fall into the middle of a write.
const [, , path = ''] = process.argv;
const stream = Object.assign(new EventEmitter(), { eventNames: ['EVENT'] as const });
writeSync(1, 'opening\n');
const recorder = await recordStream(stream, path, {
  redact: (event) => event,
  spanMs: 20,
  onError: ({ message }) => void writeSync(2, `${message}\n`),
});
for (let number = 1; ; number += 1) {
  stream.emit('EVENT', { type: 'EVENT', number, text: 'x'.repeat(number % 5 === 0 ? 300_000 : (number * 37) % 2_000) });
  if (number % 7 !== 0) continue;
  await recorder.flush();
  writeSync(1, `acknowledged ${recorder.counts.written}\n`);
}
