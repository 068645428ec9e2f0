/** A job given on the command line: a job file, which is compiled, or a compiled one. */
import { stat } from 'node:fs/promises';
import { DEFAULT_BACKEND, loadBackend } from '../../src/backends/registry.js';
import { type Bundle, resealBundle } from '../../src/job/bundle.js';
import { isBundleFolder, readBundle } from '../../src/job/bundle-folder.js';
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
export async function openJob(path: string, overrides: JobOverrides, { progress, warn }: Invocation): Promise<Bundle> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder || isBundleFolder(path)) {
    progress.phase('reading the bundle');
    return resealBundle(await readBundle(path), overrides);
  }
  progress.phase('compiling the job');
  // The front-end is slow to load and is not needed for bundles.
  const { compileJobFile } = await import('../../src/job/compile.js');
  const { bundle, warnings } = await compileJobFile(path, overrides, await loadBackend(DEFAULT_BACKEND));
  warnings.forEach(warn);
  return bundle;
}
