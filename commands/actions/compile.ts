/** The core of `gensyn compile`. */
import { neededMemory } from '../../src/backends/memory.js';
import { DEFAULT_BACKEND, defaultThreads, loadBackend } from '../../src/backends/registry.js';
import { toHex } from '../../src/commitments/hash.js';
import type { Bundle } from '../../src/job/bundle.js';
import { requireBundleFolder, writeBundle } from '../../src/job/bundle-folder.js';
import { describeProgram } from '../../src/program/describe.js';
import type { CompileOptions } from '../compile.js';
import type { Action } from '../context.js';
import { openJob } from './open-job.js';
import { facts } from './table.js';

export const compile: Action<CompileOptions> = async ({ job, out }, invocation) => {
  await requireBundleFolder(out);
  const bundle = await openJob(job, {}, invocation);
  invocation.progress.phase('writing the bundle');
  await writeBundle(bundle, out);
  const program = describeProgram(bundle.program);
  const memory = await trainingMemory(bundle);
  const result = {
    bundle: out,
    name: bundle.name,
    jobHash: toHex(bundle.hashes.job),
    programHash: toHex(bundle.hashes.program),
    genesisRoot: toHex(bundle.hashes.genesisRoot),
    steps: bundle.steps,
    checkpointEvery: bundle.checkpointEvery,
    program,
    memory,
  };
  return {
    result,
    text: facts([
      ['bundle', out],
      ['job hash', result.jobHash],
      ['program hash', result.programHash],
      ['genesis root', result.genesisRoot],
      ['operators', `${program.temporaries} temporary, ${program.states} state`],
      ['state', `${program.stateWords} words`],
      ['memory', `${Math.ceil(memory.bytes / MEBIBYTE)} MiB for ${memory.backend} on ${memory.threads} threads`],
      ['steps', `${bundle.steps}, a checkpoint every ${bundle.checkpointEvery}`],
    ]),
    next: `gensyn train ${out} --out runs/${bundle.name}`,
  };
};

const MEBIBYTE = 2 ** 20;

/** What an executor of the default backend allocates on this machine; data that it does not read row by row is part of it. */
async function trainingMemory({
  program,
  constants,
}: Bundle): Promise<{ backend: string; threads: number; bytes: number }> {
  const [backend, threads] = [await loadBackend(DEFAULT_BACKEND), defaultThreads()];
  return { backend: backend.name, threads, bytes: neededMemory(backend, program, { threads, constants }) };
}
