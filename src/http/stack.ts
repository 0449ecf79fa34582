import { AgentAssistError } from '../errors.js';

/** Not every engine has it; V8, JavaScriptCore and SpiderMonkey do. */
const { captureStackTrace } = Error as Partial<Pick<ErrorConstructor, 'captureStackTrace'>>;

/**
 * Waits for `work` and lets its error name who waits. An error that was made in a timer or an event handler has no stack
 * that leads to the caller, and one from deep within the SDK has no room for it; here the engine can follow the chain
 * of `await`s. Costs nothing as long as nothing fails. Errors of other packages keep their own stack.
 */
export async function namingCaller<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AgentAssistError) {
      // Where the failure came at once, the caller's own `await` of it is still about to begin.
      await Promise.resolve();
      captureStackTrace?.(error);
    }
    throw error;
  }
}
