/** Measures what steps, verification and hashing cost against the number of parameters and the batch. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Executor } from '../../src/backends/backend.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJob } from '../../src/job/compile.js';
import { temporaryCount } from '../../src/program/program.js';
import { median } from '../measure.js';
import type { Scale } from '../rows/scale.js';
import { profileStep } from '../step-profile.js';
import { BATCHES, growthJob, parameterCount, WIDTHS } from './growth-job.js';
import { boundOf, type GrowthRow, type StepShares } from './growth-row.js';

const WINDOW_MILLISECONDS = 150;
const ROUNDS = 5;
/** Steps between two hashes of a verification. */
const INTERVAL = 64;

/** The rows, smallest model first. */
export async function measureGrowth({ quick, threads }: Scale): Promise<GrowthRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gensyn-bench-'));
  const rows: GrowthRow[] = [];
  try {
    for (const width of quick ? WIDTHS.slice(0, 3) : WIDTHS) {
      for (const batch of quick ? BATCHES.slice(1, 2) : BATCHES) rows.push(await rowOf(folder, width, batch, threads));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

async function rowOf(folder: string, width: number, batch: number, threads: number): Promise<GrowthRow> {
  const { bundle } = await compileJob(await growthJob(folder, width, batch), wasmBackend);
  const all = await start(bundle, threads);
  const lanes = await Promise.all(Array.from({ length: threads }, () => start(bundle, 1)));
  try {
    const { step, stepOfOneThread, lanesStep, hash } = await measure(all, lanes);
    return {
      parameters: parameterCount(width),
      ...{ batch, step, stepOfOneThread, hash },
      verify: lanesStep / threads + hash / INTERVAL,
      memory: wasmBackend.estimateMemory(bundle.program, { threads }),
      bound: boundOf({ shares: sharesOf(bundle), step, stepOfOneThread, threads }),
    };
  } finally {
    await Promise.all([all, ...lanes].map((executor) => executor.dispose()));
  }
}

interface Measured {
  readonly step: number;
  readonly stepOfOneThread: number;
  /** One step in each lane, all lanes at the same time. */
  readonly lanesStep: number;
  readonly hash: number;
}

async function measure(all: Executor, lanes: readonly Executor[]): Promise<Measured> {
  const steps = await stepsFor(all);
  const rounds: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      step: (await timeOf(() => all.run(0, steps))) / steps,
      stepOfOneThread: (await timeOf(() => lanes[0]!.run(0, steps))) / steps,
      lanesStep: (await timeOf(() => Promise.all(lanes.map((lane) => lane.run(0, steps))))) / steps,
      hash: await timeOf(() => all.hashState()),
    });
  }
  const middle = (of: keyof Measured): number => median(rounds.map((round) => round[of]));
  return {
    step: middle('step'),
    stepOfOneThread: middle('stepOfOneThread'),
    lanesStep: middle('lanesStep'),
    hash: middle('hash'),
  };
}

async function start({ program, constants, genesis }: Bundle, threads: number): Promise<Executor> {
  const executor = await prepareExecutor(wasmBackend, program, constants, { threads });
  await executor.writeState(genesis);
  return executor;
}

/** As many steps as fill a window. */
async function stepsFor(executor: Executor): Promise<number> {
  await executor.run(0, 2);
  const took = await timeOf(() => executor.run(0, 2));
  return Math.max(1, Math.round((2 * WINDOW_MILLISECONDS) / took));
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function sharesOf(bundle: Bundle): StepShares {
  const { program } = bundle;
  const tasks = profileStep(bundle, { warmUps: 2, steps: 5 });
  const sum = (wanted: keyof StepShares): number =>
    tasks.reduce((total, { operators, microseconds }) => {
      const first = operators[0];
      if (first === undefined) return total;
      const isState = first >= temporaryCount(program);
      const isProduct = program.operators[first]!.operator.kind === 'matmul';
      const kind = isState ? 'optimiser' : isProduct ? 'products' : 'other';
      return kind === wanted ? total + microseconds : total;
    }, 0);
  return { products: sum('products'), optimiser: sum('optimiser'), other: sum('other') };
}
