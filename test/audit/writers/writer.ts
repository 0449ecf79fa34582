import { AuditTrail } from 'agent-assist-sdk/audit';

// Opens a trail, says so, and appends at the moment that it is told to; what became of it is printed.
const [, , path = '', name = ''] = process.argv;
await using trail = await AuditTrail.open(path);
process.stdout.write('open\n');
const [at] = await Array.fromAsync(process.stdin as AsyncIterable<Buffer>, String);
while (Date.now() < Number(at));
const outcome = await trail.append({ by: name, text: 'x'.repeat(100_000) }).then(
  ({ seq }) => `acknowledged ${seq}`,
  (error: unknown) => `refused ${(error as { reason?: string }).reason ?? String(error)}`,
);
process.stdout.write(`${outcome}\n`);
