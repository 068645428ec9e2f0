/** Programs made of single operators, to compare a backend with the definition. */
import type { Backend, Words } from '../../src/backends/backend.js';
import { prepare } from '../../src/expr/evaluate.js';
import { index, load } from '../../src/expr/expression.js';
import { defineOperator, type Operator, outputWords } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { ConstantTensor, Program, ProgramOperator } from '../../src/program/program.js';

export interface OperatorCase {
  readonly operator: Operator;
  readonly operands: readonly Words[];
}

export function identity(words: number, dtype: 'f32' | 'i32' = 'f32'): Operator {
  const operands = [{ dtype, words }];
  return defineOperator({ kind: 'identity', domain: [words], operands, finish: load(0, index(0), dtype) });
}

/** Every case becomes a temporary; the state is one tensor that does not change. */
export function programOf(cases: readonly OperatorCase[]): { program: Program; constants: Words[] } {
  const constants: Words[] = [];
  const tensors: ConstantTensor[] = [];
  const operators = cases.map(({ operator, operands }, at): ProgramOperator => {
    const slots = operands.map((words, operand) => {
      tensors.push({ name: `c${at}.${operand}`, dtype: operator.operands[operand]!.dtype, shape: [words.length] });
      return { kind: 'constant' as const, index: constants.push(words) - 1 };
    });
    return { operator, slots, label: `case ${at}` };
  });
  operators.push({ operator: identity(3), slots: [{ kind: 'state', index: 0 }], label: 'state' });
  const state = [{ name: 's', dtype: 'f32' as const, shape: [3] }];
  return {
    program: { arithmeticVersion: ARITHMETIC_VERSION, operators, state, constants: tensors, results: {} },
    constants,
  };
}

/** The output words by definition. */
export function expectedOutput({ operator, operands }: OperatorCase, step: number): Words {
  const evaluate = prepare(operator);
  return Uint32Array.from({ length: outputWords(operator) }, (_, element) => evaluate(operands, element, step));
}

/** A sentence for each case whose output differs from the definition. */
export async function differences(
  backend: Backend,
  threads: number,
  cases: readonly OperatorCase[],
  step = 5,
): Promise<string[]> {
  const { program, constants } = programOf(cases);
  const executor = await backend.prepare(program, constants, { threads });
  const found: string[] = [];
  try {
    await executor.runObserved(step, (k, output) => {
      const item = cases[k];
      if (item === undefined) return;
      const expected = expectedOutput(item, step);
      const at = expected.findIndex((word, element) => word !== output[element]);
      if (at < 0) return;
      const [have, want] = [output[at]!, expected[at]!].map((word) => word.toString(16));
      found.push(`case ${k}, element ${at}: ${have} instead of ${want}: ${JSON.stringify(item.operator)}`);
    });
  } finally {
    await executor.dispose();
  }
  return found;
}

/** A small deterministic generator for test data. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  word(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    let mixed = this.#state ^ (this.#state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    return (mixed ^ (mixed >>> 13)) >>> 0;
  }

  below(bound: number): number {
    return this.word() % bound;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

const EDGE_WORDS = [
  0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x7f7fffff, 0x7f800000, 0xff800000,
  0x7fc00000, 0x7f800001, 0xffc12345, 0x4f000000, 0xcf000000, 0x4b000001, 0x3f000000, 0xffffffff, 31, 32, 0x7fffffff,
];

/** Words that are ordinary numbers, small integers, or where arithmetic goes wrong. */
export function adversarialWords(random: Random, length: number): Words {
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  return Uint32Array.from({ length }, () => {
    const kind = random.below(8);
    if (kind < 2) return random.pick(EDGE_WORDS);
    if (kind === 2) return random.below(64);
    if (kind === 3) return random.word();
    float[0] = (random.word() / 4294967296 - 0.5) * 8;
    return word[0]!;
  });
}

/** An operator with operands of mostly ordinary numbers, so that sums do not all end as NaN. */
export function mostlyOrdinaryCase(random: Random, operator: Operator): OperatorCase {
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  const operands = operator.operands.map(({ words }) =>
    adversarialWords(random, words).map((value) => {
      if (random.below(400) === 0) return value;
      float[0] = (random.word() / 4294967296 - 0.5) * (random.below(10) === 0 ? 1e-38 : 2);
      return word[0]!;
    }),
  );
  return { operator, operands };
}
