import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HttpClient, ResponseValidationError } from 'agent-assist-sdk';
import { startTenant, type Tenant } from 'agent-assist-sdk/testing';
import { answer, scriptedServer } from '../helpers/scripted-server.js';

interface List {
  readonly items: readonly { readonly name: string }[];
}

const schemas: Readonly<Record<string, StandardSchemaV1<unknown, List>>> = {
  zod: z.object({ items: z.array(z.object({ name: z.string() })) }),
  'zod, async': z.object({
    items: z.array(z.object({ name: z.string().refine(async (name) => Promise.resolve(name !== '')) })),
  }),
  valibot: v.object({ items: v.array(v.object({ name: v.string() })) }),
  'valibot, async': v.objectAsync({ items: v.array(v.object({ name: v.string() })) }),
  arktype: type({ items: type({ name: 'string' }).array() }),
};

describe.each(Object.entries(schemas))('a schema of %s', (_, schema) => {
  let tenant: Tenant;
  let http: HttpClient;
  beforeAll(async () => {
    tenant = await startTenant();
    tenant.addRoute({
      method: 'POST',
      path: '/echo',
      scope: 'public',
      body: schema,
      handle: ({ body }) => ({ status: 200, json: body }),
    });
    tenant.addRoute({
      method: 'GET',
      path: '/broken',
      scope: 'public',
      handle: () => ({ status: 200, json: { items: [{ name: 1 }] } }),
    });
    http = new HttpClient({ baseUrl: tenant.origin });
  });
  afterAll(() => tenant.close());

  it('reads an answer and a body', async () => {
    const json = { items: [{ name: 'a' }] };
    const answer: List = await http.request({
      method: 'POST',
      path: '/echo',
      json,
      response: schema,
    });
    expect(answer).toEqual(json);
  });

  it('refuses a broken answer and a broken body with the path', async () => {
    const refused = await http
      .request({ method: 'GET', path: '/broken', response: schema })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ResponseValidationError);
    expect(refused).toMatchObject({ issues: [{ path: 'items[0].name' }] });
    await expect(http.request({ method: 'POST', path: '/echo', json: { items: 1 } })).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe('a text that is not JSON', () => {
  const read = async (body: string, headers: Record<string, string>, response: StandardSchemaV1): Promise<unknown> => {
    await using server = await scriptedServer(answer(200, body, headers));
    return await new HttpClient({ baseUrl: server.url }).request({ method: 'GET', path: '/', response });
  };

  it.each([
    ['zod', z.string()],
    ['zod, async', z.string().refine(async (text) => Promise.resolve(text !== ''))],
    ['valibot', v.string()],
    ['arktype', type('string')],
  ])('is read by a schema of %s', async (_, schema) => {
    await expect(read('id,name', { 'content-type': 'text/csv' }, schema)).resolves.toBe('id,name');
  });

  it.each(Object.entries(schemas))('is refused by a schema of objects of %s, as no JSON', async (_, schema) => {
    const error = read('id,name', { 'content-type': 'text/csv' }, schema);
    await expect(error).rejects.toThrow('not valid JSON (content-type: text/csv)');
  });

  it.each([
    ['<html>Log in</html>', 'text/plain'],
    ['{"id":', 'application/problem+json'],
  ])('is not %s as %s', async (body, contentType) => {
    await expect(read(body, { 'content-type': contentType }, z.string())).rejects.toThrow(ResponseValidationError);
  });
});
