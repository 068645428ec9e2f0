/** Recognises what lies at a path and says what it contains. Nothing is executed, and nothing is believed unchecked. */
import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, toHex } from '../commitments/hash.js';
import { blake3 } from '../commitments/hasher.js';
import { traceRoot } from '../commitments/roots.js';
import { parseSafetensors } from '../data/safetensors.js';
import { fail } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';
import type { Bundle } from '../job/bundle.js';
import { isBundleFolder, readBundle } from '../job/bundle-folder.js';
import { readJobFile } from '../job/job-file.js';
import type { Meaning } from '../job/prediction.js';
import {
  describeOperators,
  describeProgram,
  type OperatorDescription,
  type ProgramDescription,
} from '../program/describe.js';
import { readRunManifest, runPaths, storedSteps } from './run-folder.js';
import type { RunManifest } from './run-manifest.js';
import { readTrace } from './trace-log.js';

export interface BundleDescription {
  readonly name: string;
  readonly jobHash: string;
  readonly programHash: string;
  readonly genesisRoot: string;
  readonly steps: number;
  readonly checkpointEvery: number;
  /** What gensyn predict gets from the model; `null` where it cannot be asked. */
  readonly predicts: Meaning | null;
  readonly program: ProgramDescription;
  readonly operators: readonly OperatorDescription[];
}

export type Inspection =
  | { readonly type: 'job'; readonly path: string; readonly job: unknown }
  | ({ readonly type: 'bundle'; readonly path: string } & BundleDescription)
  | {
      readonly type: 'run';
      readonly path: string;
      readonly manifest: RunManifest;
      readonly trace: { readonly leaves: number; readonly complete: boolean; readonly root: string | null };
      readonly storedCheckpoints: readonly number[];
      readonly job: BundleDescription;
    }
  | {
      readonly type: 'checkpoint';
      readonly path: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly tensors: readonly {
        readonly name: string;
        readonly dtype: string;
        readonly shape: readonly number[];
        readonly blake3: string;
      }[];
    };

const MAX_CHECKPOINT_BYTES = 2 ** 32;

/** Describes a job file, bundle, run or checkpoint. @throws `run.not-recognised`, and the errors of their readers */
export async function inspect(path: string): Promise<Inspection> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw fail('run.missing', { what: 'job, run or checkpoint', path });
  if (found.isDirectory()) return inspectFolder(path);
  if (!found.isFile()) throw fail('run.not-readable', { path, reason: 'it is not a regular file' });
  if (await startsLikeSafetensors(path, found.size)) return inspectCheckpoint(path);
  return { type: 'job', path, job: await readJobFile(path) };
}

async function inspectFolder(path: string): Promise<Inspection> {
  if (isBundleFolder(path)) return { type: 'bundle', path, ...describeBundle(await readBundle(path)) };
  if (!existsSync(runPaths.manifest(path))) throw fail('run.not-recognised', { path });
  const manifest = await readRunManifest(path);
  const { records, complete } = await readTrace(runPaths.trace(path));
  return {
    type: 'run',
    path,
    manifest,
    trace: {
      leaves: records.length,
      complete,
      root: complete ? toHex(traceRoot(records.map(({ stateRoot }) => fromHex(stateRoot)))) : null,
    },
    storedCheckpoints: await storedSteps(path),
    job: describeBundle(await readBundle(join(path, 'job'))),
  };
}

function describeBundle({ name, hashes, steps, checkpointEvery, prediction, program }: Bundle): BundleDescription {
  return {
    name,
    jobHash: toHex(hashes.job),
    programHash: toHex(hashes.program),
    genesisRoot: toHex(hashes.genesisRoot),
    steps,
    checkpointEvery,
    predicts: prediction?.meaning ?? null,
    program: describeProgram(program),
    operators: describeOperators(program),
  };
}

async function inspectCheckpoint(path: string): Promise<Inspection> {
  const { tensors, metadata } = parseSafetensors(await readBoundedFile(path, 'checkpoint', MAX_CHECKPOINT_BYTES), path);
  return {
    type: 'checkpoint',
    path,
    metadata,
    tensors: tensors.map(({ name, dtype, shape, data }) => ({ name, dtype, shape, blake3: toHex(blake3(data)) })),
  };
}

/** The length of a header that the file has room for, and then its first brace. */
async function startsLikeSafetensors(path: string, bytes: number): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
    return bytesRead === 9 && buffer[8] === 0x7b && buffer.readBigUInt64LE() <= BigInt(bytes - 8);
  } finally {
    await file.close();
  }
}
