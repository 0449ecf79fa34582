import { once } from 'node:events';
import { expect, it } from 'vitest';
import { systemClock } from 'agent-assist-sdk/http';

it('fires at once for a moment that has passed, without a warning of Node', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', onWarning);
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, -0.5));
  // Node tells of a warning after the code that caused it; this one comes later than any before.
  const told = once(process, 'warning');
  process.emitWarning('the last one', 'LastWarning');
  await told;
  await new Promise(setImmediate);
  process.off('warning', onWarning);
  expect(warnings).not.toContain('TimeoutNegativeWarning');
  expect(warnings).toContain('LastWarning');
});
