import { EventEmitter } from 'node:events';
import { recordStream } from 'agent-assist-sdk/conversations';

// Records 30 events where the system refuses files of more than 64 KiB. A write that failed is tried again at once.
const [, , path = ''] = process.argv;
const stream = Object.assign(new EventEmitter(), { eventNames: ['EVENT'] as const });
const failures: string[] = [];
const recorder = await recordStream(stream, path, {
  redact: (event) => event,
  onError: ({ reason }) => void failures.push(reason),
});
for (let number = 1; number <= 30; number += 1) {
  stream.emit('EVENT', { type: 'EVENT', number, text: 'x'.repeat(9_999) });
  await recorder.flush().catch(() => recorder.flush());
}
await recorder.close();
if (failures.length < 3 || failures.some((reason) => reason !== 'write_failed')) process.exitCode = 1;
