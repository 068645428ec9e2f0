/** The core of `gensyn compile`. */
import { toHex } from '../../src/commitments/hash.js';
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
  const result = {
    bundle: out,
    name: bundle.name,
    jobHash: toHex(bundle.hashes.job),
    programHash: toHex(bundle.hashes.program),
    genesisRoot: toHex(bundle.hashes.genesisRoot),
    steps: bundle.steps,
    checkpointEvery: bundle.checkpointEvery,
    program,
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
      ['steps', `${bundle.steps}, a checkpoint every ${bundle.checkpointEvery}`],
    ]),
    next: `gensyn train ${out} --out runs/${bundle.name}`,
  };
};
