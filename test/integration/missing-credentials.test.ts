import { expect, it } from 'vitest';
import {
  ApiKeyAuth,
  AuthClient,
  ConfigurationError,
  HttpClient,
  StaticTokenAuth,
  WebhooksClient,
} from 'agent-assist-sdk';
import { createWebhookHandler, signWebhook, verifyWebhook } from 'agent-assist-sdk/webhooks';

const tokenUrl = 'https://acme.example/token';
const unset = process.env['AGENT_ASSIST_NOT_SET'];

it.each<[string, () => unknown]>([
  ['clientId', () => new AuthClient({ tokenUrl, clientId: unset, clientSecret: 'secret' })],
  ['clientSecret', () => new AuthClient({ tokenUrl, clientId: 'id', clientSecret: unset })],
  ['clientSecret', () => new AuthClient({ tokenUrl, clientId: 'id', clientSecret: '' })],
  ['apiKey', () => new ApiKeyAuth({ apiKey: unset })],
  ['token', () => new StaticTokenAuth({ token: unset })],
  ['token', () => new StaticTokenAuth({ token: '' })],
  ['secrets', () => createWebhookHandler({ secrets: unset, on: {} })],
  ['secrets', () => signWebhook('{}', unset)],
  ['secrets', () => verifyWebhook('{}', {}, unset)],
])('%s from a variable that is not set is named, with what to do', async (name, create) => {
  const error: unknown = await Promise.resolve()
    .then(create)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toMatchObject({
    message: expect.stringMatching(
      `^${name}: missing \\((?:undefined|an empty string)\\); pass it, or set the environment variable that it comes from$`,
    ) as string,
  });
});

it('secret of a registration from a variable that is not set is named', async () => {
  const webhooks = new WebhooksClient(new HttpClient({ baseUrl: 'http://127.0.0.1:9' }));
  const url = 'https://coaching.example.com/webhook';
  await expect(
    webhooks.register({ url, events: ['agentassist.alert.triggered'], secret: unset }),
  ).rejects.toMatchObject({ code: 'invalid_request', issues: [{ path: 'secret' }] });
});
