/** Random operators on every machine that runs here: the definition, generated WebAssembly, the referee's microcode. */
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { prepare } from '../../src/expr/evaluate.js';
import { outputWords } from '../../src/expr/operator.js';
import { compileMicrocode, fitsReferee } from '../../src/referee/compile-microcode.js';
import { createMachine, runElement } from '../../src/referee/machine.js';
import { type Random, randomOperator, randomWords } from '../../test/referee/random-operators.js';
import { differences, type OperatorCase, Random as WasmRandom } from '../../test/wasm/operator-programs.js';
import { instructionCases, randomCase } from '../../test/wasm/random-operators.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';

/** One program holds many operators: each program is a module that is compiled. */
const OPERATORS = 12;
const SIZE = 16;
const MOST_INSTRUCTIONS = 20_000;

export const TARGETS: readonly Target[] = [
  defineTarget({ name: 'wasm', open: async () => onWasm(1, wasmCases) }),
  defineTarget({ name: 'wasm-threads', open: async () => onWasm(2, wasmCases) }),
  defineTarget({ name: 'wasm-instructions', open: async () => onWasm(1, wasmInstructions) }),
  defineTarget({ name: 'microcode', open: async () => onReferee }),
];

type Make = (random: Random) => readonly OperatorCase[];

function wasmCases(random: Random): readonly OperatorCase[] {
  const own = new WasmRandom(random.below(2 ** 31));
  const here = Array.from({ length: OPERATORS }, () => randomCase(own));
  const there = Array.from({ length: OPERATORS }, () => caseOf(random));
  return [...here, ...there];
}

/** Every instruction, on a number of words that may leave a rest. */
function wasmInstructions(random: Random): readonly OperatorCase[] {
  return instructionCases(new WasmRandom(random.below(2 ** 31)), 1 + random.below(70));
}

function caseOf(random: Random): OperatorCase {
  const operator = randomOperator(random, SIZE);
  return { operator, operands: operator.operands.map(({ words }) => randomWords(random, words)) };
}

/** The same bits as the definition, for every operator of a program. */
async function onWasm(threads: number, make: Make): Promise<Fuzzer<readonly OperatorCase[]>> {
  return {
    make,
    check: async (cases): Promise<Outcome> => {
      const found = await differences(wasmBackend, threads, cases);
      if (found.length > 0) throw new Error(found[0]);
      return 'accepted';
    },
    show: showCases,
  };
}

/** The referee's microcode gives the definition's word after exactly as many instructions as it says. */
const onReferee: Fuzzer<OperatorCase> = {
  make: caseOf,
  check: ({ operator, operands }): Outcome => {
    if (!fitsReferee(operator)) return 'refused';
    const { code, instructions } = compileMicrocode(operator);
    const machine = createMachine(code, operands);
    const evaluate = prepare(operator);
    const words = Math.min(outputWords(operator), Math.ceil(MOST_INSTRUCTIONS / Math.max(1, instructions)));
    for (let element = 0; element < words; element++) {
      const [have, want] = [runElement(machine, element, 5, instructions), evaluate(operands, element, 5)];
      if (have !== want) throw new Error(`element ${element}: ${have.toString(16)} instead of ${want.toString(16)}`);
    }
    return 'accepted';
  },
  show: (item) => showCases([item]),
};

function showCases(cases: readonly OperatorCase[]): string {
  return JSON.stringify(
    cases.map(({ operator, operands }) => ({ operator, operands: operands.map((words) => [...words]) })),
  );
}
