import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { createWidgetConfigHandler, type WidgetConfig } from 'agent-assist-sdk/widget';

const defaults = {
  maxSuggestions: 3,
  minConfidence: 0.75,
  enableSentimentTrigger: true,
  enableKeywordTrigger: true,
  refreshIntervalMs: 2000,
  prohibitedPhrases: ['guarantee full refund', 'legal action', 'sue the company'],
};

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  createWidgetConfigHandler({ maxSuggestions: 5 })(new Request(`http://widget.test${path}`, init));

/** What the widget reads. */
const served = async (config?: Partial<WidgetConfig>): Promise<unknown> =>
  (await createWidgetConfigHandler(config)(new Request('http://widget.test/api/widget/config'))).json();

describe('widget configuration', () => {
  it('has the defaults of the protocol', async () => {
    expect(await served()).toEqual(defaults);
    expect(await served({ refreshIntervalMs: 1 })).toEqual({ ...defaults, refreshIntervalMs: 1 });
  });

  it('names every wrong entry', () => {
    const wrong = {
      maxSuggestions: 0,
      minConfidence: 1.1,
      refreshIntervalMs: 0.5,
      prohibitedPhrases: ['fine', ' '],
      enableSentimentTrigger: 'yes',
      colour: 'red',
    };
    let error: unknown;
    try {
      createWidgetConfigHandler(wrong as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    for (const path of [
      'maxSuggestions: ',
      'minConfidence: ',
      'refreshIntervalMs: ',
      'prohibitedPhrases[1]: must not be blank',
      'enableSentimentTrigger: ',
      'unknown colour',
    ]) {
      expect((error as Error).message).toContain(path);
    }
    expect((error as Error).message).not.toContain('prohibitedPhrases[0]');
  });

  it.each([{ minConfidence: 0 }, { minConfidence: 1 }, { maxSuggestions: 1 }, { prohibitedPhrases: [] }])(
    'allows %j',
    async (config) => {
      expect(await served(config)).toEqual({ ...defaults, ...config });
    },
  );
});

describe('widget configuration handler', () => {
  it('serves the configuration as JSON', async () => {
    const response = await ask('/api/widget/config?v=1');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ ...defaults, maxSuggestions: 5 });
  });

  it('answers HEAD like GET, without the body', async () => {
    const response = await ask('/api/widget/config', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers %s with 405 and what is allowed', async (method) => {
    const response = await ask('/api/widget/config', { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it.each(['/', '/api/widget/config/', '/api/widget', '/API/widget/config'])('answers %s with 404', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it('refuses a wrong configuration before the first request', () => {
    expect(() => createWidgetConfigHandler({ minConfidence: 2 })).toThrow(ConfigurationError);
  });
});
