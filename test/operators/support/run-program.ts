/** Runs a lowered program operator by operator on the definition, and compares every machine with it. */
import { wasmBackend } from '../../../src/backends/wasm/wasm-backend.js';
import { prepare } from '../../../src/expr/evaluate.js';
import { outputWords } from '../../../src/expr/operator.js';
import type { LoweredRecording } from '../../../src/frontend/lowering/lower-recording.js';
import { type ProgramOperator, temporaryCount } from '../../../src/program/program.js';
import { compileMicrocode } from '../../../src/referee/compile-microcode.js';
import { createMachine, runElement } from '../../../src/referee/machine.js';

/** Elements of an operator that the referee machine is asked for. */
const SAMPLED = 24;

/** The state after training step `step`. Throws where the referee machine disagrees about a word of any operator. */
export function runAgreed(
  { program, constants }: LoweredRecording,
  state: readonly Uint32Array[],
  step = 0,
): Uint32Array[] {
  const temporaries = temporaryCount(program);
  const outputs: Uint32Array[] = [];
  for (const one of program.operators) {
    const operands = one.slots.map(({ kind, index }) => {
      if (kind === 'temporary') return outputs[index]!;
      return kind === 'state' ? state[index]! : constants[index]!;
    });
    const evaluate = prepare(one.operator);
    const words = Uint32Array.from({ length: outputWords(one.operator) }, (_, at) => evaluate(operands, at, step));
    expectMachineAgrees(one, operands, words, step);
    outputs.push(words);
  }
  return outputs.slice(temporaries);
}

function expectMachineAgrees(
  { operator, label }: ProgramOperator,
  operands: readonly Uint32Array[],
  words: Uint32Array,
  step: number,
): void {
  const { code, instructions } = compileMicrocode(operator);
  const machine = createMachine(code, operands);
  const stride = Math.max(1, Math.floor(words.length / SAMPLED));
  for (let at = 0; at < words.length; at += stride) {
    const found = runElement(machine, at, step, instructions);
    if (found === words[at]) continue;
    const texts = [found, words[at]!].map((word) => word.toString(16));
    throw new Error(
      `${operator.kind} of ${label}: element ${at} is ${texts[0]} on the machine, ${texts[1]} by definition`,
    );
  }
}

/** The state after one step on the WebAssembly backend. */
export async function runOnWasm(
  { program, constants }: LoweredRecording,
  state: readonly Uint32Array[],
): Promise<readonly Uint32Array[]> {
  const executor = await wasmBackend.prepare(program, constants, { threads: 1 });
  try {
    await executor.writeState(state);
    await executor.run(0, 1);
    return await executor.readState();
  } finally {
    await executor.dispose();
  }
}
