/** Every cheat of the table, on the real contracts, against a verifier who follows the strategy. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Toy, toy } from '../game/support/toys.js';
import { type Arena, startArena } from './support/arena.js';
import { boundOf, GAS_BOUND, lossOfLiar, payments, tell } from './support/story.js';
import { CHEATS, type Cheat } from './table.js';

let arena: Arena;
beforeAll(async () => {
  arena = await startArena();
});
afterAll(() => arena.stop());

const toys = new Map<string, Toy>();

function toyOf({ shape }: Cheat): Toy {
  const key = JSON.stringify(shape);
  if (!toys.has(key)) toys.set(key, toy(shape));
  return toys.get(key)!;
}

describe('a solver who claims', () => {
  test.each(CHEATS.map((cheat) => [cheat.name, cheat] as const))(
    '%s loses his bond, and the verifier gets his back and half of it',
    async (_, cheat) => {
      const { bundle, honest } = toyOf(cheat);
      const verifiers = { replays: [honest, honest], hasTrace: cheat.trace === 'published' } as const;
      const told = await tell(arena, cheat.execution(honest), verifiers, cheat.manner);
      const { game, moves, gas } = told.table;
      expect(game.status).toBe('claim-fell');
      expect(cheat.endings).toContain(game.ending);
      expect(payments(told)).toEqual(lossOfLiar(told));
      const bound = boundOf(bundle);
      expect(moves.solver).toBeLessThanOrEqual(bound.solver);
      expect(moves.challenger).toBeLessThanOrEqual(bound.challenger);
      expect(gas).toBeLessThanOrEqual(GAS_BOUND);
    },
  );
});
