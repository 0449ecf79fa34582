import { it } from 'vitest';
import { isSameAtEverySpeed } from './replays.js';

it('gives the same bytes at every speed, in any order of real answers, for any conversation', async () => {
  await isSameAtEverySpeed(40);
}, 900_000);
