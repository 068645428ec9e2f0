/** Whole folders of others with one file changed: the bundle, and the run around it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { equalHashes, toHex } from '../../../src/commitments/hash.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { readBundle, writeBundle } from '../../../src/job/bundle-folder.js';
import { inspect } from '../../../src/run/inspect.js';
import { readMetrics } from '../../../src/run/metrics-log.js';
import { runPaths } from '../../../src/run/run-folder.js';
import { loadRun, storedState } from '../../../src/verify/load-run.js';
import type { Random } from '../../../test/referee/random-operators.js';
import { mutateBytes } from '../mutate-bytes.js';
import { mutateJson } from '../mutate-json.js';
import { outcomeOf } from '../outcome.js';
import { scratchFolder } from '../scratch.js';
import { type Bounds, defineTarget, type Fuzzer, type Target } from '../target.js';
import { toyBundle, trainToy } from '../toy-run.js';

/** Every file of the folder is read, and microcode is compiled anew. */
const FOLDER_BOUNDS: Bounds = { milliseconds: 5000, bytes: 64 << 20 };

interface ChangedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export const FOLDER_TARGETS: readonly Target[] = [
  defineTarget({ name: 'bundle-folder', bounds: FOLDER_BOUNDS, open: openBundleFolder }),
  defineTarget({ name: 'run-folder', bounds: FOLDER_BOUNDS, open: openRunFolder }),
];

async function openBundleFolder(): Promise<Fuzzer<ChangedFile>> {
  const scratch = await scratchFolder();
  const bundle = toyBundle();
  await writeBundle(bundle, scratch.path);
  const fuzzer = await changingFiles(scratch.path, async () => sameJob(await readBundle(scratch.path), bundle));
  return { ...fuzzer, close: scratch.remove };
}

async function openRunFolder(): Promise<Fuzzer<ChangedFile>> {
  const scratch = await scratchFolder();
  const bundle = toyBundle();
  const directory = await trainToy(bundle, scratch.path);
  const honest = await loadRun(directory);
  const fuzzer = await changingFiles(directory, async () => {
    const run = await loadRun(directory);
    sameJob(run.bundle, bundle);
    for (const [leaf, root] of run.leaves.entries()) {
      const stored = await storedState(run, leaf);
      // A trace with another root and the old checkpoint is a mismatch, so that whoever comes to here has the honest leaf.
      if (stored !== null && !equalHashes(root, honest.leaves[leaf]!)) throw new Error(`leaf ${leaf} is another one`);
    }
    await readMetrics(runPaths.metrics(directory));
    await inspect(directory);
  });
  return { ...fuzzer, close: scratch.remove };
}

/** What a bundle's hash binds cannot be changed. */
function sameJob(found: Bundle, honest: Bundle): void {
  const [have, want] = [found, honest].map(({ hashes }) => toHex(hashes.job));
  if (have !== want) throw new Error(`the changed bundle is accepted as job ${have} instead of ${want}`);
}

/** Changes one file of a folder, lets `read` read all of it, and puts the file back. */
async function changingFiles(folder: string, read: () => Promise<void>): Promise<Fuzzer<ChangedFile>> {
  const files = await filesOf(folder);
  await read();
  return {
    make: (random) => changedFile(random, files),
    check: async ({ name, content }) => {
      const path = join(folder, name);
      await writeFile(path, content);
      try {
        return await outcomeOf(read);
      } finally {
        await writeFile(path, files.find((file) => file.name === name)!.content);
      }
    },
    show: ({ name, content }) => Buffer.concat([Buffer.from(`${name}\n`), content]),
  };
}

function changedFile(random: Random, files: readonly ChangedFile[]): ChangedFile {
  const { name, content } = files[random.below(files.length)]!;
  const isJson = name.endsWith('.json');
  return { name, content: (isJson ? mutateJson : mutateBytes)(random, [content]) };
}

/** The files that a reader opens; events are for TensorBoard only. */
async function filesOf(folder: string): Promise<ChangedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = paths.map((path) => relative(folder, path)).sort();
  const read = names.filter((name) => !name.startsWith('events'));
  return Promise.all(read.map(async (name) => ({ name, content: new Uint8Array(await readFile(join(folder, name))) })));
}
