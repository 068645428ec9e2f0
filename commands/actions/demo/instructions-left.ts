/** How much of a run a position still leaves open, counted in instructions of the referee machine. */
import { CHUNK_WORDS } from '../../../src/commitments/tensor-tree.js';
import { outputWords } from '../../../src/expr/operator.js';
import { type Context, PHASES } from '../../../src/game/context.js';
import { operatorRecord } from '../../../src/program/hash.js';
import type { Program } from '../../../src/program/program.js';

/** Counts the instructions of a position's range. Those of the program are counted once. */
export function createCounter(program: Program): (context: Context) => bigint {
  const operators = program.operators.map((entry) => {
    const { operator } = entry;
    return { words: outputWords(operator), instructions: Math.max(1, operatorRecord(entry).instructions) };
  });
  const sumOf = (from: number, to: number): bigint =>
    operators.slice(from, to).reduce((sum, { words, instructions }) => sum + BigInt(words) * BigInt(instructions), 0n);
  const step = sumOf(0, operators.length);
  return ({ phase, a, n, k }) => {
    const { words, instructions } = operators[k] ?? { words: 0, instructions: 0 };
    if (phase === PHASES.run) return BigInt(n) * step;
    // Before anything is chosen, the operators of the state are open too.
    if (phase === PHASES.step) return step;
    if (phase === PHASES.ops) return sumOf(a, a + n);
    if (phase === PHASES.tensor) {
      return BigInt(Math.min(words, CHUNK_WORDS * (a + n)) - CHUNK_WORDS * a) * BigInt(instructions);
    }
    if (phase === PHASES.word) return BigInt(instructions);
    return phase === PHASES.machine ? BigInt(n) : 1n;
  };
}
