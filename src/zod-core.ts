/** What `schema.ts` uses of zod. Bundles for browsers get `zod-core.browser.ts` in its place. */
export { $ZodArray, $ZodNever, $ZodNullable, $ZodObject, $ZodOptional, $ZodUnknown, clone } from 'zod/v4/core';
