/**
 * `npm run bench:gpu`: measures the WebGPU backend on this machine's GPU and prints one table to paste into an issue.
 * `GENSYN_WEBGPU_ADAPTER` chooses the GPU. An argument is the seconds to spend on each speed; names of fixture jobs may
 * follow.
 */

import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { openDevice } from '../../src/backends/webgpu/device.js';
import { createWebgpuBackend, type WebgpuOptions } from '../../src/backends/webgpu/webgpu-backend.js';
import { ARITHMETIC_MODES } from '../../src/backends/webgpu/wgsl/arithmetic.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { describeMachine } from '../machine.js';
import { fixturePath } from '../repository.js';
import { shorten } from '../table.js';
import { withoutBarriers } from './barriers.js';
import { stepWork } from './work.js';

const DEFAULT_SECONDS = 5;
const JOBS = ['fashion-mlp', 'fashion-cnn', 'char-transformer'];
/** What each column of speeds is measured with. */
const VARIANTS: Readonly<Record<string, WebgpuOptions>> = {
  'no barriers': { mode: 'native', rewriteShader: withoutBarriers },
  ...Object.fromEntries(ARITHMETIC_MODES.map((mode) => [mode, { mode }])),
};
const HEADINGS = [
  ...['job', 'dispatches', 'Minstr.', 'MB moved'],
  ...Object.keys(VARIANTS),
  ...['barriers', 'guards', 'hash GiB/s'],
];

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Training steps per second after the first batch, which also compiles. */
async function stepsPerSecond(bundle: Bundle, options: WebgpuOptions, seconds: number): Promise<Measured> {
  const executor = await prepareExecutor(createWebgpuBackend(options), bundle.program, bundle.constants, {
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
  for (const options of Object.values(VARIANTS)) measured.push(await stepsPerSecond(bundle, options, seconds));
  const [bare, native, guarded] = measured as [Measured, Measured, Measured];
  return [
    job,
    String(work.dispatches),
    shorten(work.instructions / 1e6),
    shorten(work.bytes / 1e6),
    ...measured.map(({ speed }) => `${shorten(speed)} /s`),
    `${shorten(native.speed / bare.speed)}×`,
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
