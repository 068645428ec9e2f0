/** A bundle on disk: a folder of plain files. Reading one trusts nothing in it. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex, toHex } from '../commitments/hash.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { MAX_VOCABULARY } from '../data/vocabulary.js';
import { fail } from '../errors/index.js';
import {
  type FileContent,
  makeFolder,
  readBoundedFile,
  removeTemporaries,
  writeError,
  writeFileAtomically,
} from '../files/atomic-file.js';
import { MAP_ABOVE_BYTES } from '../files/file-words.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import type { Program } from '../program/program.js';
import { parseProgram, serializeProgram } from '../program/serialize.js';
import { type Bundle, checkJobHash, type Evaluation, sealBundle } from './bundle.js';
import type { Prediction } from './prediction.js';
import { mapTensors, readTensors, tensorFile } from './tensor-file.js';

const FILES = {
  manifest: 'manifest.json',
  program: 'program.json',
  constants: 'constants.safetensors',
  genesis: 'genesis.safetensors',
  evaluationProgram: 'evaluation.json',
  evaluationConstants: 'evaluation.safetensors',
  predictionProgram: 'prediction.json',
  predictionConstants: 'prediction.safetensors',
} as const;

/** Room for a vocabulary of 65,536 characters. */
const MAX_MANIFEST_BYTES = 2 ** 20;
const MAX_PROGRAM_BYTES = 2 ** 28;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const count = z.int().min(0).max(0xffffffff);
const MEANING = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    vocabulary: z
      .string()
      .max(2 * MAX_VOCABULARY)
      .nullable(),
  }),
  z.strictObject({ kind: z.literal('class'), names: z.array(z.string().max(4096)).max(100_000).nullable() }),
  z.strictObject({ kind: z.literal('values') }),
]);
const MANIFEST = z.strictObject({
  schema: z.literal('gensyn.bundle/1'),
  name: z.string().max(200),
  arithmeticVersion: count,
  jobHash: hash,
  programHash: hash,
  genesisRoot: hash,
  steps: count.min(1),
  checkpointEvery: count.min(1),
  evaluation: z.strictObject({ batches: count.min(1) }).nullable(),
  // Bundles that were written before there were predictions have none.
  prediction: z.strictObject({ scale: z.number(), offset: z.number(), meaning: MEANING }).nullable().default(null),
});
type Manifest = z.infer<typeof MANIFEST>;

/** True for a folder that holds a bundle. */
export function isBundleFolder(directory: string): boolean {
  return existsSync(join(directory, FILES.manifest)) && existsSync(join(directory, FILES.program));
}

/**
 * Refuses a folder that a bundle must not be written to: one that holds other things. What a compiler that was killed
 * left behind is no obstacle.
 *
 * @throws `job.folder-not-empty`, `run.not-a-folder`
 */
export async function requireBundleFolder(directory: string): Promise<void> {
  const known: readonly string[] = Object.values(FILES);
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw writeError(cause, directory);
  });
  const name = names.find((found) => !known.includes(found) && !found.endsWith('.tmp'));
  if (name !== undefined) throw fail('job.folder-not-empty', { path: directory, name });
}

/**
 * Writes a bundle, over another one where there is one. The manifest goes first and comes last, so that a folder with a
 * manifest is whole.
 *
 * @throws `run.disk-full`, `run.not-writable`, `run.not-a-folder`
 */
export async function writeBundle(bundle: Bundle, directory: string): Promise<void> {
  const { program, evaluation, prediction, hashes } = bundle;
  const write = (name: string, content: FileContent) => writeFileAtomically(join(directory, name), content);
  await makeFolder(directory);
  await removeTemporaries(directory);
  await rm(join(directory, FILES.manifest), { force: true }).catch((cause) => {
    throw writeError(cause, directory);
  });
  await write(FILES.program, serializeProgram(program));
  await write(FILES.constants, tensorFile(program.constants, bundle.constants));
  await write(FILES.genesis, tensorFile(program.state, bundle.genesis));
  if (evaluation !== null) {
    await write(FILES.evaluationProgram, serializeProgram(evaluation.program));
    await write(FILES.evaluationConstants, tensorFile(evaluation.program.constants, evaluation.constants));
  }
  if (prediction !== null) {
    await write(FILES.predictionProgram, serializeProgram(prediction.program));
    await write(FILES.predictionConstants, tensorFile(prediction.program.constants, prediction.constants));
  }
  const manifest: Manifest = {
    schema: 'gensyn.bundle/1',
    name: bundle.name,
    arithmeticVersion: program.arithmeticVersion,
    jobHash: toHex(hashes.job),
    programHash: toHex(hashes.program),
    genesisRoot: toHex(hashes.genesisRoot),
    steps: bundle.steps,
    checkpointEvery: bundle.checkpointEvery,
    evaluation: evaluation === null ? null : { batches: evaluation.batches },
    prediction: prediction === null ? null : manifestOf(prediction),
  };
  await write(FILES.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Reads a bundle: recompiles its microcode, recomputes every hash and compares the job hash with the declared one.
 *
 * @param mapAbove - constants of more bytes stay in their file, and are only hashed here; 256 MiB unless told
 * @throws `run.missing`, `job.bundle-invalid`, `job.hash-mismatch`, `run.wrong-arithmetic`, `program.…`, `data.…`
 */
export async function readBundle(directory: string, mapAbove: number = MAP_ABOVE_BYTES): Promise<Bundle> {
  const manifest = await readManifest(directory);
  if (manifest.arithmeticVersion !== ARITHMETIC_VERSION) {
    throw fail('run.wrong-arithmetic', { found: manifest.arithmeticVersion, known: ARITHMETIC_VERSION });
  }
  const program = await readProgram(directory, FILES.program);
  const bundle = sealBundle({
    name: manifest.name,
    program,
    constants: await mapTensors(join(directory, FILES.constants), program.constants, mapAbove),
    genesis: await readTensors(join(directory, FILES.genesis), program.state),
    steps: manifest.steps,
    checkpointEvery: manifest.checkpointEvery,
    evaluation: manifest.evaluation === null ? null : await readEvaluation(directory, manifest.evaluation.batches),
    prediction: manifest.prediction === null ? null : await readPrediction(directory, manifest.prediction),
  });
  checkJobHash(bundle, fromHex(manifest.jobHash), toHex);
  const computed = { programHash: toHex(bundle.hashes.program), genesisRoot: toHex(bundle.hashes.genesisRoot) };
  for (const field of ['programHash', 'genesisRoot'] as const) {
    if (manifest[field] === computed[field]) continue;
    throw fail('job.bundle-invalid', {
      reason: `its manifest says ${field} ${manifest[field]}, and its content has ${computed[field]}`,
    });
  }
  return bundle;
}

async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, FILES.manifest);
  const bytes = await readBoundedFile(path, 'bundle manifest', MAX_MANIFEST_BYTES);
  const parsed = MANIFEST.safeParse(parseJsonStrict(bytes, { maxBytes: MAX_MANIFEST_BYTES, name: path }));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fail('job.bundle-invalid', { reason: `${path}: ${issue?.path.join('.') || 'document'}: ${issue?.message}` });
}

async function readProgram(directory: string, file: string): Promise<Program> {
  const path = join(directory, file);
  const bytes = await readBoundedFile(path, 'program', MAX_PROGRAM_BYTES);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fail('job.bundle-invalid', { reason: `${path} is not UTF-8 text` }, { cause });
  }
  return parseProgram(text);
}

async function readEvaluation(directory: string, batches: number): Promise<Evaluation> {
  const program = await readProgram(directory, FILES.evaluationProgram);
  return {
    program,
    constants: await readTensors(join(directory, FILES.evaluationConstants), program.constants),
    batches,
  };
}

type PredictionManifest = NonNullable<Manifest['prediction']>;

function manifestOf({ scale, offset, meaning }: Prediction): PredictionManifest {
  if (meaning.kind !== 'class') return { scale, offset, meaning };
  return { scale, offset, meaning: { ...meaning, names: meaning.names === null ? null : [...meaning.names] } };
}

async function readPrediction(directory: string, manifest: PredictionManifest): Promise<Prediction> {
  const program = await readProgram(directory, FILES.predictionProgram);
  const constants = await readTensors(join(directory, FILES.predictionConstants), program.constants);
  return { program, constants, ...manifest };
}
