import { expect, it, vi } from 'vitest';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { hang, scriptedServer } from '../helpers/scripted-server.js';

// In a file of its own: undici keeps the timer of its first request, which therefore has to be a fake one.
it('leaves the limits of time to the core: undici’s own five minutes end nothing', async () => {
  await using server = await scriptedServer(hang);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await using transport = new NodeTransport();
    const controller = new AbortController();
    const settled = vi.fn();
    const sent = transport.send({
      method: 'GET',
      url: `${server.url}/thing`,
      headers: {},
      body: undefined,
      signal: controller.signal,
    });
    void sent.then(settled, settled);
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(settled).not.toHaveBeenCalled();
    controller.abort();
    await expect(sent).rejects.toThrow();
  } finally {
    vi.useRealTimers();
  }
});
