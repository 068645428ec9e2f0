/** A job given on the command line: a job file, which is compiled, or a compiled one. */
import { stat } from 'node:fs/promises';
import { DEFAULT_BACKEND, loadBackend } from '../../src/backends/registry.js';
import { fail } from '../../src/errors/index.js';
import { type Bundle, resealBundle } from '../../src/job/bundle.js';
import { isBundleFolder, readBundle } from '../../src/job/bundle-folder.js';
import type { CompiledJob } from '../../src/job/compile.js';
import type { Invocation } from '../context.js';

export interface JobOverrides {
  readonly steps?: number | undefined;
  readonly checkpointEvery?: number | undefined;
}

/**
 * Opens a job. The number of steps and the checkpoint interval are part of the job: overriding them makes another job,
 * which only the compiler can do.
 *
 * @throws `job.compiled-override` for overrides of a bundle; the errors of `readBundle`, `readJobFile`, `compileJob`
 */
export async function openJob(path: string, overrides: JobOverrides, invocation: Invocation): Promise<Bundle> {
  if (await isCompiled(path)) {
    invocation.progress.phase('reading the bundle');
    return resealBundle(await readBundle(path), overrides);
  }
  return (await compileHere(path, overrides, invocation)).bundle;
}

/**
 * Opens a job whose recording is needed, which a bundle does not have.
 *
 * @throws `tensorflow.needs-job-file` for a bundle; the errors of `readJobFile` and `compileJob`
 */
export async function openRecordedJob(
  path: string,
  overrides: JobOverrides,
  invocation: Invocation,
): Promise<CompiledJob> {
  if (await isCompiled(path)) throw fail('tensorflow.needs-job-file', { path });
  return compileHere(path, overrides, invocation);
}

async function isCompiled(path: string): Promise<boolean> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder || isBundleFolder(path);
}

async function compileHere(
  path: string,
  overrides: JobOverrides,
  { progress, warn }: Invocation,
): Promise<CompiledJob> {
  progress.phase('compiling the job');
  // The front-end is slow to load and is not needed for bundles.
  const { compileJobFile } = await import('../../src/job/compile.js');
  const compiled = await compileJobFile(path, overrides, await loadBackend(DEFAULT_BACKEND));
  compiled.warnings.forEach(warn);
  return compiled;
}
