import { once } from 'node:events';
import type { Tenant } from 'agent-assist-sdk/testing';
import { WebSocket } from 'ws';

/** A question that the tenant accepts. */
export const question = { interactionId: 'int-1', transcript: 'hello', sentimentScore: 0.1, context: {} };

export async function accessToken(tenant: Tenant, scope?: string): Promise<string> {
  const { clientId, clientSecret } = tenant.credentials;
  const answer = await fetch(tenant.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      ...(scope !== undefined && { scope }),
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}

export async function postSuggest(tenant: Tenant, token: string | undefined, body: unknown): Promise<Response> {
  return fetch(`${tenant.baseUrl}/agentassist/suggest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}

/** A client on the stream that has opened, and the frames that it gets. */
export async function connect(tenant: Tenant): Promise<{ socket: WebSocket; frames: string[] }> {
  const socket = new WebSocket(tenant.streamUrl, { headers: { authorization: `Bearer ${await accessToken(tenant)}` } });
  const frames: string[] = [];
  socket.on('message', (data: Buffer) => frames.push(data.toString('utf8')));
  await once(socket, 'open');
  return { socket, frames };
}

/** Resolves when a client's connection has ended. */
export async function ended(socket: WebSocket): Promise<void> {
  if (socket.readyState !== socket.CLOSED) await once(socket, 'close');
}
