/**
 * Matmul speed, one thread and all of them, beside tfjs-wasm in the same process: `node dist/bench/kernels.js`.
 * The candidates take turns; printed are medians in GFLOP/s.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Executor } from '../src/backends/backend.js';
import { wasmBackend } from '../src/backends/wasm/wasm-backend.js';
import {
  acc,
  f32,
  fadd,
  fmul,
  type I32,
  i32,
  iadd,
  imul,
  index,
  load,
  reduceIndex,
  result,
} from '../src/expr/expression.js';
import { defineOperator, type Operator } from '../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../src/numerics/instructions.js';
import type { Program } from '../src/program/program.js';

const SHAPES = [
  [96, 96, 96],
  [192, 192, 192],
  [384, 384, 384],
  [768, 768, 768],
  [96, 512, 784],
  [64, 256, 784],
  [512, 512, 128],
  [2048, 64, 512],
  [64, 10, 128],
] as const;
const FORMS = ['A·B', 'A·Bᵀ', 'Aᵀ·B'] as const;
const ROUNDS = 7;
const WINDOW_MILLISECONDS = 12;

type Form = (typeof FORMS)[number];

function matmul(rows: number, columns: number, turns: number, form: Form): Operator {
  const [m, n, k] = [index(0), index(1), reduceIndex(0)];
  const at = (outer: I32, inner: I32, stride: number): I32 => iadd(imul(outer, i32(stride)), inner);
  const left = form === 'Aᵀ·B' ? at(k, m, rows) : at(m, k, turns);
  const right = form === 'A·Bᵀ' ? at(n, k, turns) : at(k, n, columns);
  return defineOperator({
    kind: 'matmul',
    domain: [rows, columns],
    reduction: [turns],
    operands: [rows * turns, turns * columns].map((words) => ({ dtype: 'f32', words })),
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, left, 'f32'), load(1, right, 'f32')))],
    finish: result(0, 'f32'),
  });
}

function numbers(length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => (((at * 2654435761) >>> 0) % 2000) / 1000 - 1);
}

async function executorOf(operator: Operator, threads: number): Promise<Executor> {
  const [left, right] = operator.operands.map(({ words }) => words) as [number, number];
  const identity = defineOperator({
    kind: 'identity',
    domain: [1],
    operands: [{ dtype: 'f32', words: 1 }],
    finish: load(0, index(0), 'f32'),
  });
  const program: Program = {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators: [
      { operator, slots: [0, 1].map((at) => ({ kind: 'constant', index: at })), label: 'matmul' },
      { operator: identity, slots: [{ kind: 'state', index: 0 }], label: 'state' },
    ],
    state: [{ name: 's', dtype: 'f32', shape: [1] }],
    constants: [left, right].map((words, at) => ({ name: `c${at}`, dtype: 'f32', shape: [words] })),
    results: {},
  };
  const constants = [left, right].map((words) => new Uint32Array(numbers(words).buffer));
  const executor = await wasmBackend.prepare(program, constants, { threads });
  await executor.writeState([new Uint32Array(1)]);
  await executor.run(0, 2);
  return executor;
}

interface Candidate {
  readonly name: string;
  /** Runs `times` products. */
  readonly run: (times: number) => Promise<void>;
}

/** Medians of nanoseconds for one product. */
async function measure(candidates: readonly Candidate[], flops: number): Promise<number[]> {
  const times = Math.max(1, Math.round((WINDOW_MILLISECONDS * 1e6 * 15) / flops));
  const samples = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { run }] of candidates.entries()) {
      const start = process.hrtime.bigint();
      await run(times);
      samples[at]!.push(Number(process.hrtime.bigint() - start) / times);
    }
  }
  return samples.map((list) => list.sort((a, b) => a - b)[ROUNDS >> 1]!);
}

async function main(): Promise<void> {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-wasm').setWasmPaths(
    require.resolve('@tensorflow/tfjs-backend-wasm/package.json').replace('package.json', 'dist/'),
  );
  const keepAlive = setInterval(() => {}, 1000);
  await tf.setBackend('wasm');
  await tf.ready();
  const many = availableParallelism();
  console.log(`${'M x N x K'.padEnd(18)} form    tfjs-wasm   1 thread   ${many} threads`);
  for (const [rows, columns, turns] of SHAPES) {
    for (const form of FORMS) {
      const operator = matmul(rows, columns, turns, form);
      const executors = [await executorOf(operator, 1), await executorOf(operator, many)];
      const a = tf.tensor(numbers(rows * turns), form === 'Aᵀ·B' ? [turns, rows] : [rows, turns]);
      const b = tf.tensor(numbers(turns * columns), form === 'A·Bᵀ' ? [columns, turns] : [turns, columns]);
      const candidates: Candidate[] = [
        {
          name: 'tfjs-wasm',
          run: async (times) => {
            // The transposed forms are ten times slower there; fewer turns keep the bench short.
            for (let at = 0; at < times; at += form === 'A·B' ? 1 : 10)
              tf.matMul(a, b, form === 'Aᵀ·B', form === 'A·Bᵀ').dispose();
          },
        },
        ...executors.map((executor) => ({
          name: 'gensyn',
          run: async (times: number) => void (await executor.run(0, times)),
        })),
      ];
      const flops = 2 * rows * columns * turns;
      const medians = await measure(candidates, flops);
      const times = Math.max(1, Math.round((WINDOW_MILLISECONDS * 1e6 * 15) / flops));
      if (form !== 'A·B') medians[0]! *= times / Math.ceil(times / 10);
      const columnsText = medians.map((nanoseconds) => (flops / nanoseconds).toFixed(1).padStart(9)).join('  ');
      console.log(`${`${rows} x ${columns} x ${turns}`.padEnd(18)} ${form.padEnd(5)} ${columnsText}`);
      for (const executor of executors) await executor.dispose();
      tf.dispose([a, b]);
    }
  }
  clearInterval(keepAlive);
}

await main();
