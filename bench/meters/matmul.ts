import type { Executor } from '../../src/backends/backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { RecordedState, Recording } from '../../src/frontend/recording.js';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { gigaOperations, type MatmulCase, matmulCase, numbers, operandShapes } from '../shapes.js';

/** GFLOP/s of matrix products on our WebAssembly backend. Cases: `MATMUL_CASES` by name. Options: `threads`. */
export async function startMatmulMeter(options: MeterOptions): Promise<Meter> {
  const threads = numberOption(options, 'threads');
  const executors: Executor[] = [];
  const rates = new Map<string, (milliseconds: number) => Promise<number>>();
  const prepare = async (name: string): Promise<(milliseconds: number) => Promise<number>> => {
    const executor = await prepareProduct(matmulCase(name), threads);
    executors.push(executor);
    const rate = rateOf(async (count) => {
      await executor.run(0, count);
    });
    rates.set(name, rate);
    return rate;
  };
  return {
    sample: async (name, milliseconds) => {
      const rate = rates.get(name) ?? (await prepare(name));
      return gigaOperations(matmulCase(name)) * (await rate(milliseconds));
    },
    close: async () => {
      await Promise.all(executors.map((executor) => executor.dispose()));
    },
  };
}

/** A program whose training step is one product. */
async function prepareProduct(given: MatmulCase, threads: number): Promise<Executor> {
  const { program, constants } = lowerRecording({ recording: recordingOf(given), bind: {}, seed: 1 });
  const executor = await wasmBackend.prepare(program, constants, { threads });
  const state = program.state.map(({ shape }) => numbers(shape.reduce((words, extent) => words * extent, 1)));
  await executor.writeState(state.map(({ buffer }) => new Uint32Array(buffer)));
  return executor;
}

function recordingOf(given: MatmulCase): Recording {
  const [a, b] = operandShapes(given);
  const product = [given.rows, given.columns];
  const tensor = (id: number, name: string, shape: readonly number[]): RecordedState => {
    return { id, name, shape, dtype: 'float32', role: 'parameter' };
  };
  return {
    state: [tensor(0, 'a', a), tensor(1, 'b', b), tensor(2, 'product', product)],
    batch: [],
    constants: [],
    calls: [
      {
        kernel: 'BatchMatMul',
        attributes: { transposeA: given.transposeA, transposeB: given.transposeB },
        inputs: { a: 0, b: 1 },
        outputs: [{ id: 3, shape: product, dtype: 'float32' }],
        scope: 'bench',
        phase: 'forward',
      },
    ],
    next: [0, 1, 3],
    results: {},
  };
}
