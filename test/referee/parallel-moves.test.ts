import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sequenceMoves } from '../../src/referee/parallel-moves.js';

test('a sequence of moves ends where simultaneous moves end', () => {
  const moves = fc
    .uniqueArray(fc.nat(7), { maxLength: 8 })
    .chain((targets) => fc.tuple(...targets.map((to) => fc.record({ to: fc.constant(to), from: fc.nat(7) }))));
  fc.assert(
    fc.property(moves, (simultaneous) => {
      const start = Array.from({ length: 9 }, (_, register) => `value ${register}`);
      const registers = [...start];
      for (const { to, from } of sequenceMoves(simultaneous, () => 8)) registers[to] = registers[from]!;
      const wanted = [...start];
      for (const { to, from } of simultaneous) wanted[to] = start[from]!;
      expect(registers.slice(0, 8)).toEqual(wanted.slice(0, 8));
    }),
  );
});
