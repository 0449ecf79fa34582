import KeyvRedis from '@keyv/redis';
import {
  cognigy,
  cxone,
  type ApiKeyAuth,
  type AuthClient,
  type AuthClientOptions,
  type AuthProvider,
  type ClientAuthentication,
  type Platform,
  type StaticTokenAuth,
  type KeyValueStore,
} from 'agent-assist-sdk';
import { startTenant } from 'agent-assist-sdk/testing';
import { Keyv } from 'keyv';
import { describe, expectTypeOf, it } from 'vitest';

describe('auth', () => {
  it('has three providers', () => {
    expectTypeOf<AuthClient>().toExtend<AuthProvider>();
    expectTypeOf<ApiKeyAuth>().toExtend<AuthProvider>();
    expectTypeOf<StaticTokenAuth>().toExtend<AuthProvider>();
    expectTypeOf<AuthClient>().toExtend<AsyncDisposable>();
  });

  it('takes Keyv and a Map as a store', () => {
    expectTypeOf(new Keyv()).toExtend<KeyValueStore>();
    expectTypeOf(new Keyv({ store: new KeyvRedis('redis://127.0.0.1') })).toExtend<KeyValueStore>();
    expectTypeOf<Map<string, string>>().toExtend<KeyValueStore>();
    expectTypeOf<Map<string, number>>().not.toExtend<KeyValueStore>();
  });

  it('takes a platform', async () => {
    const credentials = { clientId: 'id', clientSecret: 'secret' };
    expectTypeOf({ platform: cognigy({ tenant: 'acme' }), ...credentials }).toExtend<AuthClientOptions>();
    expectTypeOf({ platform: cxone(), ...credentials }).toExtend<AuthClientOptions>();
    expectTypeOf({ platform: (await startTenant()).platform, ...credentials }).toExtend<AuthClientOptions>();
    expectTypeOf({ platform: cxone() }).not.toExtend<AuthClientOptions>();
    expectTypeOf<NonNullable<Platform['clientAuthentication']>>().toEqualTypeOf<ClientAuthentication>();
  });
});
