import { writeSync } from 'node:fs';
import { AuditTrail } from 'agent-assist-sdk/audit';

// Appends until it is killed; a record's number is printed once it was acknowledged. Big records take the disk long
// enough for a kill to fall into the middle of a write.
const [, , path = '', firstNumber = '0'] = process.argv;
writeSync(1, 'opening\n');
const trail = await AuditTrail.open(path);
writeSync(1, `recovered ${trail.recovered?.bytes ?? 0}\n`);
let number = Number(firstNumber);

async function appendForEver(): Promise<void> {
  for (;;) {
    const mine = (number += 1);
    const { seq } = await trail.append({
      number: mine,
      text: 'x'.repeat(mine % 2 === 0 ? 1_000_000 : (mine * 37) % 2_000),
    });
    writeSync(1, `acknowledged ${seq} ${mine}\n`);
  }
}
await Promise.all(Array.from({ length: 6 }, appendForEver));
