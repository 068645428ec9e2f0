import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Comparison, compare, ratioAtMost } from '../comparison.js';
import { interleave } from '../measure.js';
import { COMMAND_LINE, fixturePath } from '../repository.js';
import type { Scale } from './scale.js';

/** The commands as a user types them, start-up and all. */
export async function commandLineRows(scale: Scale): Promise<Comparison[]> {
  return [await verifyRow(scale), await helpRow(scale)];
}

async function verifyRow({ quick, threads }: Scale): Promise<Comparison> {
  const steps = quick ? 256 : 1024;
  const folder = await mkdtemp(join(tmpdir(), 'gensyn-bench-'));
  const run = join(folder, 'run');
  const job = fixturePath('jobs/fashion-mlp.json');
  const train = async (): Promise<number> => {
    await rm(run, { recursive: true, force: true });
    return timeOf([COMMAND_LINE, 'train', job, '--out', run, '--steps', String(steps), '--json']);
  };
  try {
    const takers = [
      { name: 'train', sample: train },
      { name: 'verify', sample: () => timeOf([COMMAND_LINE, 'verify', run, '--json']) },
    ];
    const [training, verifying] = await interleave(takers, { rounds: quick ? 1 : 3, warmUps: 0 });
    return compare({
      what: `full verify (${steps} steps, ${threads} threads), as a command`,
      unit: 'ms',
      ours: verifying!,
      beside: { name: 'gensyn train', samples: training! },
      target: ratioAtMost(0.6),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function helpRow({ quick }: Scale): Promise<Comparison> {
  const takers = [
    { name: 'help', sample: () => timeOf([COMMAND_LINE, '--help']) },
    { name: 'node', sample: () => timeOf(['--eval', '0']) },
  ];
  const [help, node] = await interleave(takers, { rounds: quick ? 3 : 9, warmUps: 1 });
  return compare({
    what: 'gensyn --help',
    unit: 'ms',
    ours: help!,
    beside: { name: 'node --eval 0', samples: node! },
    target: { of: 'ours', bound: 'most', value: 300 },
  });
}

/** Wall time of a Node process in milliseconds. */
async function timeOf(commandArguments: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, commandArguments, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`node ${commandArguments.join(' ')} ended with code ${code}: ${errors.trim()}`);
  return performance.now() - began;
}
