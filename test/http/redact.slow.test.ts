import { describe } from 'vitest';
import { findsAnySecret } from './any-secret.js';

describe('redact', () => {
  findsAnySecret(400);
});
