/** The end of a training step on the device: its results go to a ring, and the step counts up. */
import type { Program } from '../../../program/program.js';
import type { Place } from '../memory-map.js';
import { literal } from './arithmetic.js';
import { baseCode, type Frame, readCode, STEP_WORD, shaderCode } from './frame.js';

/** At the beginning of arena 0: the training step, and the step that the ring begins with. */
export const CONTROL_BYTES = 256;
/** Steps whose results the ring holds. */
export const RING_STEPS = 64;
const RING_START_WORD = STEP_WORD + 1;

/** The control words at the beginning of a batch of steps. */
export function controlWords(step: number): Uint32Array {
  return Uint32Array.of(step, step);
}

/** The ring lies behind the control words. */
export function ringBytes(program: Program): number {
  const words = RING_STEPS * Object.keys(program.results).length;
  return Math.ceil((4 * words) / CONTROL_BYTES) * CONTROL_BYTES;
}

/** Shader for results in the given places. */
export function advanceKernel(frame: Frame, results: readonly Place[]): string {
  const lines = results.map((place, at) => {
    const target = `${literal(CONTROL_BYTES / 4 + at)} + row * ${literal(results.length)}`;
    return `arena0[${target}] = ${readCode(place, baseCode(at))};`;
  });
  const own = `@compute @workgroup_size(1)
fn main() {
  let step = arena0[${STEP_WORD}];
  let row = step - arena0[${RING_START_WORD}];
  ${lines.join('\n  ')}
  arena0[${STEP_WORD}] = step + 1u + call.zero;
}
`;
  return shaderCode({ ...frame, mode: 'integer' }, results.length, own);
}
