/** Finds out which arithmetic a device can be trusted with, by what it computes and not by what it says. */
import { fail } from '../../errors/index.js';
import { prepare as prepareElement } from '../../expr/evaluate.js';
import { outputWords } from '../../expr/operator.js';
import type { Program } from '../../program/program.js';
import type { Executor, Words } from '../backend.js';
import type { OpenDevice } from './device.js';
import type { GpuDevice } from './gpu-types.js';
import { probeProgram } from './probe-program.js';
import { ARITHMETIC_MODES, type ArithmeticMode } from './wgsl/arithmetic.js';

/** Loads a program on a device in a mode. */
export type PrepareOn = (
  opened: OpenDevice,
  program: Program,
  constants: readonly Words[],
  options: { readonly mode: ArithmeticMode },
) => Promise<Executor>;

/** Numbers of each pattern at every start: enough for what a device does always. `gensyn doctor` takes more. */
const PROBE_LENGTH = 1024;

const modes = new WeakMap<GpuDevice, Promise<ArithmeticMode>>();

/**
 * The fastest mode in which a device gives the defined bits. Found once for each device.
 *
 * @throws `webgpu.wrong-bits` where there is none
 */
export function arithmeticModeOf(opened: OpenDevice, prepareOn: PrepareOn): Promise<ArithmeticMode> {
  const known = modes.get(opened.device) ?? findMode(opened, prepareOn);
  modes.set(opened.device, known);
  return known;
}

async function findMode(opened: OpenDevice, prepareOn: PrepareOn): Promise<ArithmeticMode> {
  const { program, constants } = probeProgram(PROBE_LENGTH);
  const expected = program.operators.map(({ operator, slots }) => {
    const evaluate = prepareElement(operator);
    // The state is 0.
    const operands = slots.map(({ kind, index }) => (kind === 'constant' ? constants[index]! : new Uint32Array(1)));
    return Uint32Array.from({ length: outputWords(operator) }, (_, element) => evaluate(operands, element, 0));
  });
  let reason = '';
  for (const mode of ARITHMETIC_MODES) {
    const executor = await prepareOn(opened, program, constants, { mode });
    try {
      reason = await firstDifference(program, executor, expected);
    } finally {
      await executor.dispose();
    }
    if (reason === '') return mode;
  }
  throw fail('webgpu.wrong-bits', { adapter: opened.name, reason });
}

/** The first output word of a program's operators that is not as expected, in words; empty where there is none. */
export async function firstDifference(
  program: Program,
  executor: Executor,
  expected: readonly Words[],
): Promise<string> {
  let reason = '';
  await executor.runObserved(0, (k, output) => {
    const at = expected[k]!.findIndex((word, element) => word !== output[element]);
    if (at < 0 || reason !== '') return;
    const [have, want] = [output[at]!, expected[k]![at]!].map((word) => `0x${word.toString(16).padStart(8, '0')}`);
    reason = `${program.operators[k]!.label}, element ${at}: ${have} instead of ${want}`;
  });
  return reason;
}
