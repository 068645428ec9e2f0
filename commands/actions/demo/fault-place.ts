/** Where the demo's cheat flips his bit, unless told: deep inside the backward pass, in a number that counts. */
import type { Words } from '../../../src/backends/backend.js';
import { type RunExecution, runExecution } from '../../../src/game/run-execution.js';
import { ownStarts } from '../../../src/game/run-starts.js';
import { operatorRecord } from '../../../src/program/hash.js';
import type { Program } from '../../../src/program/program.js';
import type { Fault } from '../../../src/run/fault.js';
import type { LoadedRun } from '../../../src/verify/load-run.js';
import type { Stage } from './stage.js';

/** In the fraction of a binary32: the number changes by at most an eighth. */
const BIT = 20;
const SHARE_OF_STEPS = 0.4;

/** A place that depends on nothing but the job. */
export async function chooseFault({ bundle, backend }: Stage, honest: LoadedRun): Promise<Fault> {
  const step = Math.floor(SHARE_OF_STEPS * bundle.steps);
  const operator = longestOperator(bundle.program);
  const replay = { bundle, starts: ownStarts(honest), fault: null, backend, threads: 1 };
  const execution: RunExecution = await runExecution(replay);
  try {
    const words = await execution.tensorWords({ step, operator });
    return { step, operator, element: largestElement(words), bit: BIT };
  } finally {
    await execution.dispose();
  }
}

/** Of the backward pass where there is one: the operator whose elements execute the most instructions. */
function longestOperator({ operators }: Program): number {
  const places = operators.map((entry, index) => ({ entry, index }));
  const floats = places.filter(({ entry }) => entry.operator.dtype === 'f32');
  const backward = floats.filter(({ entry }) => entry.label.endsWith('/backward'));
  const [candidates = places] = [backward, floats].filter(({ length }) => length > 0);
  const sized = candidates.map(({ entry, index }) => ({ index, length: operatorRecord(entry).instructions }));
  return sized.reduce((longest, each) => (each.length > longest.length ? each : longest)).index;
}

/** The element of the largest magnitude: what is not 0 is not lost further on. */
function largestElement(words: Words): number {
  // Without the sign, the bits of finite numbers are in the order of the numbers.
  const magnitudes = words.map((word) => word & 0x7fffffff);
  return magnitudes.reduce((best, each, at) => (each > magnitudes[best]! ? at : best), 0);
}
