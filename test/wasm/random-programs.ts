/**
 * Random programs of random operators, to compare a backend with the reference interpreter: operators read whatever has
 * the right type, near or far, and also the wrong length; the state moves, stays, changes places and is computed.
 */
import type { Backend, Executor, Words } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import {
  acc,
  apply,
  type Expr,
  f32,
  fadd,
  fmul,
  fsub,
  iadd,
  index,
  itof,
  load,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, type Operand, type Operator, outputWords } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { Program, ProgramOperator, Slot } from '../../src/program/program.js';
import { validateProgram } from '../../src/program/validate.js';
import { adversarialWords, identity, type Random } from './operator-programs.js';

export interface RandomProgram {
  readonly program: Program;
  readonly constants: readonly Words[];
}

interface Source extends Operand {
  readonly slot: Slot;
}

const STATE_WORDS = [1, 4, 7, 12, 12, 33, 33, 64, 64, 150];

/** A program of so many temporaries, whose operators `make` gives. */
export function randomProgram(random: Random, make: (random: Random) => Operator, temporaries: number): RandomProgram {
  const state = Array.from({ length: 1 + random.below(8) }, (_, at) => {
    const dtype = random.pick(['f32', 'f32', 'f32', 'i32'] as const);
    return { name: `s${at}`, dtype, shape: [random.pick(STATE_WORDS)] };
  });
  const constants = Array.from({ length: 4 }, (_, at) => {
    const dtype = at === 0 ? ('f32' as const) : random.pick(['f32', 'i32'] as const);
    return { name: `c${at}`, dtype, shape: [random.pick([3, 16, 120, 400, 2000])] };
  });
  const sources = [...sourcesOf('state', state), ...sourcesOf('constant', constants)];
  const operators: ProgramOperator[] = [];
  const results: Record<string, number> = {};
  for (let at = 0; at < temporaries; at++) {
    const known = random.below(5) === 0 && at > 0 ? random.pick(operators).operator : undefined;
    const entry = connect(random, known ?? (random.below(6) === 0 ? sumOf(random) : make(random)), sources);
    operators.push(entry);
    const output = outputWords(entry.operator);
    if (output === 1 && random.below(3) > 0) results[`r${at}`] = at;
    sources.push({ slot: { kind: 'temporary', index: at }, dtype: entry.operator.dtype, words: output });
  }
  operators.push(...state.map(({ dtype, shape }) => nextState(random, { dtype, words: shape[0]! }, sources)));
  const program: Program = { arithmeticVersion: ARITHMETIC_VERSION, operators, state, constants, results };
  validateProgram(program);
  return { program, constants: constants.map(({ dtype, shape }) => wordsFor(random, dtype, shape[0]!)) };
}

function sourcesOf(kind: Slot['kind'], tensors: readonly { dtype: 'f32' | 'i32'; shape: number[] }[]): Source[] {
  return tensors.map(({ dtype, shape }, at) => ({ slot: { kind, index: at }, dtype, words: shape[0]! }));
}

/** Gives an operator operands: whatever has the type, mostly the longest of a few. Their lengths become the operator's. */
function connect(random: Random, operator: Operator, sources: readonly Source[]): ProgramOperator {
  const given = operator.operands.map(({ dtype, words }) => {
    const fitting = sources.filter((source) => source.dtype === dtype);
    const [first, ...others] = [0, 1, 2].map(() => random.pick(fitting.length > 0 ? fitting : sources));
    const exact = fitting.filter((source) => source.words === words);
    if (exact.length > 0 && random.below(2) === 0) return random.pick(exact);
    return others.reduce((best, other) => (best.words < words && other.words > best.words ? other : best), first!);
  });
  // Where nothing has the type, a sum takes the operator's place: the first constant is f32.
  if (given.some(({ dtype }, at) => dtype !== operator.operands[at]!.dtype))
    return connect(random, sumOf(random), sources);
  const operands = given.map(({ dtype, words }) => ({ dtype, words }));
  return { operator: { ...operator, operands }, slots: given.map(({ slot }) => slot), label: operator.kind };
}

/** One number from many: what results are. */
function sumOf(random: Random): Operator {
  const turns = random.pick([1, 3, 16, 40]);
  return defineOperator({
    kind: 'sum',
    domain: random.pick([[], [1], [1, 1]]),
    reduction: [turns],
    operands: [{ dtype: 'f32', words: turns }],
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), load(0, reduceIndex(0), 'f32'))],
    finish: result(0, 'f32'),
  });
}

/** The operator of a state tensor: an identity of something as long, or a map over things as long. */
function nextState(random: Random, { dtype, words }: Operand, sources: readonly Source[]): ProgramOperator {
  const fitting = sources.filter((source) => source.dtype === dtype && source.words === words);
  const temporaries = fitting.filter(({ slot }) => slot.kind === 'temporary');
  if (random.below(2) === 0) {
    const { slot } = random.pick(temporaries.length > 0 ? temporaries : fitting);
    return { operator: identity(words, dtype), slots: [slot], label: 'identity' };
  }
  const given = Array.from({ length: 1 + random.below(3) }, () => random.pick(fitting));
  const values = given.map((_, at) => load(at, index(0), dtype));
  const combine = (a: Expr, b: Expr): Expr => {
    if (dtype === 'i32') return iadd(a as Expr<'i32'>, b as Expr<'i32'>);
    const scaled = fmul(b as Expr<'f32'>, random.pick([f32(0.5), f32(-0.01), itof(trainingStep)]));
    return random.pick([fadd, fsub])(a as Expr<'f32'>, scaled);
  };
  const finish = values.reduce<Expr>(combine, dtype === 'i32' ? trainingStep : apply('fabs', values[0]!));
  const operands = given.map((source) => ({ dtype: source.dtype, words }));
  const operator = defineOperator({ kind: 'update', domain: [words], operands, finish });
  return { operator, slots: given.map(({ slot }) => slot), label: 'update' };
}

/** Mostly numbers of ordinary size and small integers, with hostile words among them; sometimes nothing else. */
export function wordsFor(random: Random, dtype: 'f32' | 'i32', length: number): Words {
  const hostile = random.pick([1, 30, 300]);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  return adversarialWords(random, length).map((wild) => {
    if (random.below(hostile) === 0) return wild;
    if (dtype === 'i32') return random.below(14) - 1;
    float[0] = (random.word() / 4294967296 - 0.5) * 2;
    return word[0]!;
  });
}

/** The orders that a random program is given, with everything that can be seen of them. */
async function outcomes(random: Random, executor: Executor, { program }: RandomProgram): Promise<unknown[]> {
  const seen: unknown[] = [];
  const write = (): Promise<void> =>
    executor.writeState(program.state.map(({ dtype, shape }) => wordsFor(random, dtype, shape[0]!)));
  const observe = async (step: number): Promise<void> => {
    const results = await executor.runObserved(step, (operator, output) => {
      seen.push([`operator ${operator} in step ${step}`, output.slice()]);
    });
    seen.push([`results of step ${step}`, results]);
  };
  const look = async (when: string): Promise<void> => {
    seen.push([`state ${when}`, await executor.readState()], [`hashes ${when}`, await executor.hashState()]);
  };
  await write();
  seen.push(['first results', await executor.run(3, 2)]);
  await look('after two steps');
  await write();
  await observe(5);
  await look('after an observed step');
  seen.push(['results afterwards', await executor.run(6, 1)]);
  await observe(7);
  await look('at the end');
  return seen;
}

/** What differs between a backend and the reference interpreter; the orders are the same for both. */
export async function programDifferences(
  backend: Backend,
  threads: readonly number[],
  given: RandomProgram,
  makeRandom: () => Random,
): Promise<string[]> {
  const outcomesOf = async (on: Backend, count: number): Promise<unknown[]> => {
    const executor = await on.prepare(given.program, given.constants, { threads: count });
    try {
      return await outcomes(makeRandom(), executor, given);
    } finally {
      await executor.dispose();
    }
  };
  const texts = (seen: readonly unknown[]): string[] => seen.map((item) => JSON.stringify(item));
  const expected = texts(await outcomesOf(referenceBackend, 1));
  const found: string[] = [];
  for (const count of threads) {
    const have = texts(await outcomesOf(backend, count));
    const at = expected.findIndex((text, position) => text !== have[position]);
    if (at >= 0) found.push(`${count} threads: ${have[at]!.slice(0, 300)} instead of ${expected[at]!.slice(0, 300)}`);
  }
  return found;
}
