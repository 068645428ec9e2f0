/** An execution of a small job on the referee machine itself, kept whole in memory. For tests and for showing games. */

import type { Words } from '../backends/backend.js';
import { stateRoot } from '../commitments/roots.js';
import type { WordSource } from '../commitments/word-source.js';
import { outputWords } from '../expr/operator.js';
import type { Bundle } from '../job/bundle.js';
import { statesOfElement } from '../program/element-states.js';
import { temporaryCount } from '../program/program.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import { createMachine, runElement } from '../referee/machine.js';
import { type Execution, hashesOf, type OperatorPlace } from './execution.js';

/** Changes an operator's output in place, as a cheat does; later operators read the change. */
export type Patch = (step: number, operator: number, output: Words) => void;

/** Executes a whole job at once. Only for jobs of a few thousand words and steps. */
export function toyExecution(bundle: Bundle, patch: Patch = () => {}): Execution {
  const { program, steps } = bundle;
  const M = temporaryCount(program);
  const states: (readonly Words[])[] = [bundle.genesis];
  const outputs = Array.from({ length: steps }, (_, step) => {
    const made = runStep(bundle, states[step]!, step, patch);
    states.push(made.slice(M));
    return made;
  });
  const hashes = { states: states.map(hashesOf), temporaries: outputs.map((made) => hashesOf(made.slice(0, M))) };
  const roots = hashes.states.map(stateRoot);

  const operandsAt = ({ step, operator }: OperatorPlace) => operandsIn(bundle, states[step]!, outputs[step]!, operator);
  return {
    bundle,
    stateRootsAt: async (wanted) => wanted.map((state) => roots[state]!),
    stateHashes: async (state) => hashes.states[state]!,
    temporaryHashes: async (step) => hashes.temporaries[step]!,
    tensorWords: async ({ step, operator }) => outputs[step]![operator]!,
    operandsOf: async (place) => operandsAt(place),
    elementStates: async ({ step, operator, element }) => {
      const parameters = { program, operator, element, step, operands: operandsAt({ step, operator }) };
      const honest = statesOfElement(parameters);
      const word = honest.stateAt(honest.count).registers[0]!;
      const resultFlip = (word ^ outputs[step]![operator]![element]!) >>> 0;
      return resultFlip === 0 ? honest : statesOfElement({ ...parameters, resultFlip });
    },
  };
}

function runStep(bundle: Bundle, state: readonly Words[], step: number, patch: Patch): Words[] {
  const outputs: Words[] = [];
  bundle.program.operators.forEach(({ operator, label }, k) => {
    const { code, instructions } = compileMicrocode(operator, label);
    const machine = createMachine(code, operandsIn(bundle, state, outputs, k));
    const output = Uint32Array.from({ length: outputWords(operator) }, (_, element) =>
      runElement(machine, element, step, instructions),
    );
    patch(step, k, output);
    outputs.push(output);
  });
  return outputs;
}

function operandsIn(
  { program, constants }: Bundle,
  state: readonly Words[],
  outputs: readonly Words[],
  k: number,
): WordSource[] {
  return program.operators[k]!.slots.map(({ kind, index }) => {
    if (kind === 'temporary') return outputs[index]!;
    return kind === 'state' ? state[index]! : constants[index]!;
  });
}
