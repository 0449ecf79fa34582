import { expectTypeOf, test } from 'vitest';
/* eslint-disable @typescript-eslint/use-unknown-in-catch-callback-variable -- that it compiles is what is tested */
import type { ApiPromise, ApiResponse } from 'agent-assist-sdk';

declare const call: ApiPromise<{ readonly n: number }>;

test('the promise of a call has the types of a promise', () => {
  expectTypeOf(call.catch((error: Error) => error.message)).resolves.toEqualTypeOf<string | { readonly n: number }>();
  expectTypeOf(
    call.then(
      ({ n }) => n,
      (error: Error) => error,
    ),
  ).resolves.toEqualTypeOf<number | Error>();
  expectTypeOf(call.finally(() => undefined)).resolves.toEqualTypeOf<{ readonly n: number }>();
  expectTypeOf(call).toExtend<Promise<{ readonly n: number }>>();
  expectTypeOf(call.withResponse()).resolves.toEqualTypeOf<ApiResponse<{ readonly n: number }>>();
  expectTypeOf<Awaited<typeof call>>().toEqualTypeOf<{ readonly n: number }>();
});
