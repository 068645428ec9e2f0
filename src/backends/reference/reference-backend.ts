/** The reference backend: every operator evaluated element by element by its definition. The living definition. */
import { createHash as createBlake3 } from 'blake3';
import { type EvaluateElement, prepare } from '../../expr/evaluate.js';
import { outputWords } from '../../expr/operator.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import type { Backend, Executor, Words } from '../backend.js';

export const referenceBackend: Backend = {
  name: 'reference',
  canonical: true,
  estimateMemory: (program) =>
    4 * program.operators.reduce((words, { operator }) => words + outputWords(operator), 0) +
    4 * program.state.reduce((words, tensor) => words + stateWords(tensor), 0),
  prepare: (program, constants) => Promise.resolve(createExecutor(program, constants)),
};

function createExecutor(program: Program, given: readonly Words[]): Executor {
  const constants = [...given];
  const evaluators: EvaluateElement[] = program.operators.map(({ operator }) => prepare(operator));
  const resultOperators = Object.values(program.results);
  const temporaries = temporaryCount(program);
  let state: Words[] = program.state.map((tensor) => new Uint32Array(stateWords(tensor)));

  const runStep = (step: number, visit?: (operator: number, output: Words) => void): Words => {
    const outputs: Words[] = [];
    program.operators.forEach(({ operator, slots }, k) => {
      const operands = slots.map(({ kind, index }) => {
        if (kind === 'temporary') return outputs[index]!;
        return kind === 'state' ? state[index]! : constants[index]!;
      });
      const output = new Uint32Array(outputWords(operator));
      for (let element = 0; element < output.length; element++) {
        output[element] = evaluators[k]!(operands, element, step);
      }
      visit?.(k, output);
      outputs.push(output);
    });
    state = outputs.slice(temporaries);
    return Uint32Array.from(resultOperators, (k) => outputs[k]![0]!);
  };

  return {
    writeState: async (next) => {
      state = next.map((words) => words.slice());
    },
    readState: async () => state.map((words) => words.slice()),
    run: async (from, steps) => Array.from({ length: steps }, (_, at) => runStep(from + at)),
    runObserved: async (step, visit) => runStep(step, visit),
    hashState: async () => state.map((words) => blake3(words)),
    writeConstant: async (index, words) => {
      constants[index] = words.slice();
    },
    dispose: async () => {},
  };
}

function blake3(words: Words): Uint8Array {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return new Uint8Array(createBlake3().update(bytes).digest());
}
