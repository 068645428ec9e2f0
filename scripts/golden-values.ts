/** What the fixture jobs compile to: the hashes that must be the same on every machine. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../commands/version.js';
import { DEFAULT_BACKEND, loadBackend } from '../src/backends/registry.js';
import { toHex } from '../src/commitments/hash.js';
import { compileJobFile } from '../src/job/compile.js';
import { ARITHMETIC_VERSION } from '../src/numerics/instructions.js';

export const GOLDEN_PATH = join(packageFolder(), 'fixtures', 'golden.json');

export interface GoldenHashes {
  readonly programHash: string;
  readonly jobHash: string;
  readonly genesisRoot: string;
}

export interface GoldenValues {
  readonly arithmeticVersion: number;
  /** By the name of the file in `fixtures/jobs`, without its extension. */
  readonly jobs: Readonly<Record<string, GoldenHashes>>;
}

/** The names of all fixture jobs, in the order of their letters. */
export function fixtureJobs(): string[] {
  const files = readdirSync(join(packageFolder(), 'fixtures', 'jobs'));
  return files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort();
}

/** Compiles a fixture job. */
export async function goldenHashes(name: string): Promise<GoldenHashes> {
  const path = join(packageFolder(), 'fixtures', 'jobs', `${name}.json`);
  const { bundle } = await compileJobFile(path, {}, await loadBackend(DEFAULT_BACKEND));
  const { program, job, genesisRoot } = bundle.hashes;
  return { programHash: toHex(program), jobHash: toHex(job), genesisRoot: toHex(genesisRoot) };
}

/** Compiles all fixture jobs. */
export async function goldenValues(): Promise<GoldenValues> {
  const jobs: Record<string, GoldenHashes> = {};
  for (const name of fixtureJobs()) jobs[name] = await goldenHashes(name);
  return { arithmeticVersion: ARITHMETIC_VERSION, jobs };
}
