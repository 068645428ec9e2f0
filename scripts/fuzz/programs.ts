/** Whole programs of random operators: one text, one hash, and no other program with either. */
import { isDeepStrictEqual } from 'node:util';
import { equalHashes } from '../../src/commitments/hash.js';
import { prepare } from '../../src/expr/evaluate.js';
import { type Operator, outputWords } from '../../src/expr/operator.js';
import { INSTRUCTIONS } from '../../src/numerics/instructions.js';
import { programHash } from '../../src/program/hash.js';
import type { Program } from '../../src/program/program.js';
import { parseProgram, serializeProgram } from '../../src/program/serialize.js';
import { validateProgram } from '../../src/program/validate.js';
import { createRandom, type Random, randomWords } from '../../test/referee/random-operators.js';
import { outcomeOf } from './outcome.js';
import { randomProgram } from './random-program.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';

const BOUNDS = { milliseconds: 2000, bytes: 64 << 20 };

export const TARGETS: readonly Target[] = [
  defineTarget({ name: 'round-trip', bounds: BOUNDS, open: async () => roundTrip }),
  defineTarget({ name: 'alteration', bounds: BOUNDS, open: async () => alteration }),
];

const roundTrip: Fuzzer<Program> = {
  make: randomProgram,
  check: (program): Outcome => {
    validateProgram(program);
    const text = serializeProgram(program);
    const again = parseProgram(text);
    if (!isDeepStrictEqual(again, program)) throw new Error('it is another program after it was written and read');
    if (serializeProgram(again) !== text) throw new Error('it has two texts');
    if (!equalHashes(hashOf(again), hashOf(program))) throw new Error('it has two hashes');
    return 'accepted';
  },
  show: serializeProgram,
};

interface Altered {
  readonly program: Program;
  readonly altered: Program;
}

/** A program with numbers and names altered is refused, or it is another program with another text and other bits. */
const alteration: Fuzzer<Altered> = {
  make: (random) => {
    const program = randomProgram(random);
    let altered: unknown = program;
    for (let changes = 1 + random.below(2); changes > 0; changes--) altered = alterSomewhere(random, altered);
    return { program, altered: altered as Program };
  },
  check: ({ program, altered }) =>
    outcomeOf(() => {
      const text = serializeProgram(altered);
      const read = parseProgram(text);
      const isSame = text === serializeProgram(program);
      if (isSame !== isDeepStrictEqual(read, program)) throw new Error('two programs have one text, or one has two');
      if (equalHashes(hashOf(read), hashOf(program))) requireSameBits(program, read);
    }),
  show: ({ altered }) => serializeProgram(altered),
};

function hashOf(program: Program): Uint8Array {
  return programHash(
    program,
    program.constants.map(() => new Uint8Array(32)),
  );
}

const ELEMENTS = 4;

/**
 * What a chain cannot tell apart must compute the same. Names, labels and results are not bound, and two definitions may
 * have one microcode.
 */
function requireSameBits(one: Program, two: Program): void {
  const random = createRandom(one.operators.length);
  one.operators.forEach(({ operator, slots }, k) => {
    const other = two.operators[k];
    if (other === undefined || !isDeepStrictEqual(other.slots, slots)) throw new Error(`one hash, other slots of ${k}`);
    const operands = operator.operands.map(({ words }) => randomWords(random, words));
    const [bits, others] = [operator, other.operator].map((definition) => bitsOfElements(definition, operands));
    if (!isDeepStrictEqual(bits, others)) throw new Error(`one hash, other bits of operator ${k}`);
  });
}

function bitsOfElements(operator: Operator, operands: readonly Uint32Array[]): number[] {
  const evaluate = prepare(operator);
  const count = Math.min(outputWords(operator), ELEMENTS);
  return [outputWords(operator), ...Array.from({ length: count }, (_, element) => evaluate(operands, element, 3))];
}

const NUMBERS = [0, 1, 2, 3, 31, 255, 2 ** 24, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 0x7fc00000, 0x7fc00001];
const NAMES = [
  ...Object.keys(INSTRUCTIONS),
  'const',
  'load',
  'loadbyte',
  'index',
  'acc',
  'f32',
  'i32',
  'u8',
  'state',
  'x',
];

/** A copy with one number, name or list altered; types stay. */
function alterSomewhere(random: Random, value: unknown): unknown {
  if (typeof value === 'number') return random.below(2) === 0 ? value + random.below(3) - 1 : pick(random, NUMBERS);
  if (typeof value === 'string') return pick(random, NAMES);
  const keys = Object.keys(value as object);
  if (keys.length === 0) return value;
  const key = keys[random.below(keys.length)]!;
  const child = (value as Record<string, unknown>)[key];
  if (!Array.isArray(value)) return { ...(value as object), [key]: alterSomewhere(random, child) };
  const at = Number(key);
  const kind = random.below(10);
  if (kind === 0) return value.toSpliced(at, 1);
  if (kind === 1) return value.toSpliced(at, 0, child);
  return value.with(at, alterSomewhere(random, child));
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}
