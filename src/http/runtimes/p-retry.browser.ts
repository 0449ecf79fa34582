/** The part of p-retry's options that `call.ts` uses. */
interface Options {
  readonly shouldRetry: (failure: { readonly error: Error; readonly attemptNumber: number }) => Promise<boolean>;
}

/**
 * Replaces p-retry in bundles for browsers (condition `browser`), where the waits and limits that `call.ts` turns off
 * would be a twentieth of a client's size.
 */
// eslint-disable-next-line import-x/no-default-export -- it takes the place of p-retry's
export default async function pRetry<T>(
  attempt: (attemptNumber: number) => Promise<T>,
  { shouldRetry }: Options,
): Promise<T> {
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    try {
      return await attempt(attemptNumber);
    } catch (error) {
      if (!(await shouldRetry({ error: error as Error, attemptNumber }))) throw error;
    }
  }
}
