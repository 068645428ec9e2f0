/**
 * `npm run bench:gpu`: measures the WebGPU backend on this machine's GPU and prints one table to paste into an issue.
 * `GENSYN_WEBGPU_ADAPTER` chooses the GPU. An argument is the seconds to spend on each line; names of fixture jobs may
 * follow.
 */

import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { openDevice } from '../../src/backends/webgpu/device.js';
import { createWebgpuBackend } from '../../src/backends/webgpu/webgpu-backend.js';
import { ARITHMETIC_MODES, type ArithmeticMode } from '../../src/backends/webgpu/wgsl/arithmetic.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { describeMachine } from '../machine.js';
import { fixturePath } from '../repository.js';
import { shorten } from '../table.js';
import { stepWork } from './work.js';

const DEFAULT_SECONDS = 5;
const JOBS = ['fashion-mlp', 'fashion-cnn', 'char-transformer'];
const HEADINGS = ['job', 'dispatches', 'Minstr.', 'MB moved', ...ARITHMETIC_MODES, 'guarded/native', 'hash GiB/s'];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Training steps per second after the first batch, which also compiles. */
async function stepsPerSecond(bundle: Bundle, mode: ArithmeticMode, seconds: number): Promise<Measured> {
  const executor = await prepareExecutor(createWebgpuBackend({ mode }), bundle.program, bundle.constants, {
    threads: 1,
  });
  try {
    await executor.writeState(bundle.genesis);
    await executor.run(0, 2);
    await executor.hashState();
    const began = performance.now();
    let steps = 0;
    while (performance.now() - began < 1000 * seconds) {
      await executor.run(2 + steps, 8);
      steps += 8;
    }
    const speed = (1000 * steps) / (performance.now() - began);
    const hashing = performance.now();
    await executor.hashState();
    const bytes = bundle.genesis.reduce((sum, words) => sum + words.byteLength, 0);
    return { speed, hashSpeed: bytes / 2 ** 30 / ((performance.now() - hashing) / 1000) };
  } finally {
    await executor.dispose();
  }
}

interface Measured {
  /** Training steps per second. */
  readonly speed: number;
  /** GiB/s, of the job's own state: small states are slow. */
  readonly hashSpeed: number;
}

async function row(job: string, seconds: number): Promise<string[]> {
  const { bundle } = await compileJobFile(fixturePath(`jobs/${job}.json`), {}, wasmBackend);
  const work = stepWork(bundle.program);
  const measured: Measured[] = [];
  for (const mode of ARITHMETIC_MODES) measured.push(await stepsPerSecond(bundle, mode, seconds));
  const [native, guarded] = measured as [Measured, Measured];
  return [
    job,
    String(work.dispatches),
    shorten(work.instructions / 1e6),
    shorten(work.bytes / 1e6),
    ...measured.map(({ speed }) => `${shorten(speed)} /s`),
    `${shorten(guarded.speed / native.speed)}×`,
    shorten(native.hashSpeed),
  ];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  for (const cells of rows) print(`| ${cells.map((cell, column) => cell.padStart(widths[column]!)).join(' | ')} |`);
}

const [seconds, ...jobs] = process.argv.slice(2);
const { name, device } = await openDevice();
const { examine } = createWebgpuBackend();
const machine = describeMachine();
print(`GPU: ${(await examine!()).device || name}`);
print(
  `arena ${device.limits.maxStorageBufferBindingSize / 2 ** 20} MiB × ${device.limits.maxStorageBuffersPerShaderStage}`,
);
print(`${machine.processor}, ${machine.platform}, Node ${machine.node}, load ${machine.load}\n`);
const rows: string[][] = [HEADINGS, HEADINGS.map(() => '---')];
for (const job of jobs.length > 0 ? jobs : JOBS) rows.push(await row(job, Number(seconds ?? DEFAULT_SECONDS)));
printTable(rows);
process.exit(0);
