import { expect, test } from '@jest/globals';
import type { Backend } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { isGensynError } from '../../src/errors/index.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../src/frontend/recording.js';
import { valueOf } from '../../src/numerics/float32.js';
import { runAgreed } from './support/run-program.js';

/** A genesis whose only weight comes from the initialiser. */
function genesisOf(shape: readonly number[], stream: number, gain = 1): Recording {
  const value = { shape, dtype: 'float32' as const };
  const call = {
    kernel: 'GensynInit',
    attributes: { className: 'Orthogonal', config: { gain }, shape, dtype: 'float32', stream },
    inputs: {},
    outputs: [{ id: 1, ...value }],
    scope: 'lstm',
    phase: 'build',
  } as const;
  const state = [{ id: 0, name: 'weight', role: 'parameter', ...value }];
  return { state, batch: [], constants: [], calls: [call], next: [1], results: {} };
}

async function drawOf(
  shape: readonly number[],
  stream: number,
  gain = 1,
  backend: Backend = wasmBackend,
): Promise<number[]> {
  const { program, constants } = lowerRecording({ recording: genesisOf(shape, stream, gain), bind: {}, seed: 7 });
  const executor = await backend.prepare(program, constants, { threads: 1 });
  try {
    const size = shape.reduce((total, extent) => total * extent, 1);
    await executor.writeState([new Uint32Array(size)]);
    await executor.run(0, 1);
    return Array.from((await executor.readState())[0]!, valueOf);
  } finally {
    await executor.dispose();
  }
}

/** The largest distance of the product of the matrix with its transpose from gain²·I, on its shorter side. */
function deviation(values: readonly number[], rows: number, columns: number, gain: number): number {
  const short = Math.min(rows, columns);
  const at = (i: number, j: number): number => (rows >= columns ? values[j * columns + i]! : values[i * columns + j]!);
  let worst = 0;
  for (let i = 0; i < short; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = 0;
      for (let j = 0; j < Math.max(rows, columns); j++) sum += at(i, j) * at(k, j);
      worst = Math.max(worst, Math.abs(sum - (i === k ? gain * gain : 0)));
    }
  }
  return worst;
}

test.each([
  [[1, 1], 1],
  [[2, 2], 1],
  [[16, 16], 1],
  [[8, 32], 2],
  [[33, 5], 0.5],
  [[3, 3, 4, 20], 1],
  [[64, 64], 1],
])('weights of shape %j with gain %d are orthonormal on their shorter side', async (shape, gain) => {
  const columns = shape.at(-1)!;
  const rows = shape.slice(0, -1).reduce((all, extent) => all * extent, 1);
  for (const stream of [0, 1]) {
    const values = await drawOf(shape, stream, gain);
    expect(deviation(values, rows, columns, gain)).toBeLessThan(4e-6 * gain * gain);
  }
});

test('rotations of the plane are drawn evenly: all quadrants, both orientations', async () => {
  const counts = new Map<string, number>();
  for (let stream = 0; stream < 64; stream++) {
    const [a, b, c, d] = (await drawOf([2, 2], stream, 1, referenceBackend)) as [number, number, number, number];
    const sector = `${a > 0}${b > 0}${a * d - b * c > 0}`;
    counts.set(sector, (counts.get(sector) ?? 0) + 1);
  }
  // Eight equally likely sectors, 8 draws each on average.
  expect(counts.size).toBe(8);
  expect(Math.min(...counts.values())).toBeGreaterThan(1);
});

test('the referee machine and the definition agree on every operator', () => {
  const lowered = lowerRecording({ recording: genesisOf([4, 6], 0), bind: {}, seed: 1 });
  expect(runAgreed(lowered, [new Uint32Array(24)])).toHaveLength(1);
});

test('a vector cannot be orthogonal', () => {
  let refusal: unknown;
  try {
    lowerRecording({ recording: genesisOf([4], 0), bind: {}, seed: 1 });
  } catch (error) {
    refusal = error;
  }
  expect(isGensynError(refusal, 'lowering.unsupported-attribute')).toBe(true);
});
