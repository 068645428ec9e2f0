/** A bundle on disk: a folder of plain files. Reading one trusts nothing in it. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Words } from '../backends/backend.js';
import { fromHex, toHex } from '../commitments/hash.js';
import { parseSafetensors, type SafetensorsTensor, writeSafetensors } from '../data/safetensors.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail, isGensynError } from '../errors/index.js';
import {
  makeFolder,
  readBoundedFile,
  removeTemporaries,
  writeError,
  writeFileAtomically,
} from '../files/atomic-file.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import { type ConstantTensor, constantWords, type Program } from '../program/program.js';
import { parseProgram, serializeProgram } from '../program/serialize.js';
import { type Bundle, checkJobHash, type Evaluation, sealBundle } from './bundle.js';

const FILES = {
  manifest: 'manifest.json',
  program: 'program.json',
  constants: 'constants.safetensors',
  genesis: 'genesis.safetensors',
  evaluationProgram: 'evaluation.json',
  evaluationConstants: 'evaluation.safetensors',
} as const;

const MAX_MANIFEST_BYTES = 65536;
const MAX_PROGRAM_BYTES = 2 ** 28;
const HEADER_BYTES_PER_TENSOR = 1024;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const count = z.int().min(0).max(0xffffffff);
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
  const { program, evaluation, hashes } = bundle;
  const write = (name: string, content: string | Uint8Array) => writeFileAtomically(join(directory, name), content);
  await makeFolder(directory);
  await removeTemporaries(directory);
  await rm(join(directory, FILES.manifest), { force: true }).catch((cause) => {
    throw writeError(cause, directory);
  });
  await write(FILES.program, serializeProgram(program));
  await write(FILES.constants, writeTensors(program.constants, bundle.constants));
  await write(FILES.genesis, writeTensors(program.state, bundle.genesis));
  if (evaluation !== null) {
    await write(FILES.evaluationProgram, serializeProgram(evaluation.program));
    await write(FILES.evaluationConstants, writeTensors(evaluation.program.constants, evaluation.constants));
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
  };
  await write(FILES.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Reads a bundle: recompiles its microcode, recomputes every hash and compares the job hash with the declared one.
 *
 * @throws `run.missing`, `job.bundle-invalid`, `job.hash-mismatch`, `run.wrong-arithmetic`, `program.…`, `data.…`
 */
export async function readBundle(directory: string): Promise<Bundle> {
  const manifest = await readManifest(directory);
  if (manifest.arithmeticVersion !== ARITHMETIC_VERSION) {
    throw fail('run.wrong-arithmetic', { found: manifest.arithmeticVersion, known: ARITHMETIC_VERSION });
  }
  const program = await readProgram(directory, FILES.program);
  const bundle = sealBundle({
    name: manifest.name,
    program,
    constants: await readTensors(directory, FILES.constants, program.constants),
    genesis: await readTensors(directory, FILES.genesis, program.state),
    steps: manifest.steps,
    checkpointEvery: manifest.checkpointEvery,
    evaluation: manifest.evaluation === null ? null : await readEvaluation(directory, manifest.evaluation.batches),
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
  return { program, constants: await readTensors(directory, FILES.evaluationConstants, program.constants), batches };
}

const SAFETENSORS_DTYPES = { f32: 'F32', i32: 'I32', u8: 'U8' } as const;

function writeTensors(specs: readonly ConstantTensor[], data: readonly Words[]): Uint8Array {
  const tensors = specs.map(({ name, dtype, shape }, at): SafetensorsTensor => {
    const words = data[at]!;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    return { name, dtype: SAFETENSORS_DTYPES[dtype], shape, data: bytes.subarray(0, byteLength(dtype, shape)) };
  });
  return writeSafetensors(tensors);
}

async function readTensors(directory: string, file: string, specs: readonly ConstantTensor[]): Promise<Words[]> {
  const path = join(directory, file);
  const limit = specs.reduce((bytes, tensor) => bytes + 4 * constantWords(tensor) + HEADER_BYTES_PER_TENSOR, 65536);
  const tensors = parseTensors(await readBoundedFile(path, 'tensor file', limit), path);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  if (byName.size !== specs.length) {
    throw fail('job.bundle-invalid', { reason: `${path} has ${byName.size} tensors and the program ${specs.length}` });
  }
  return specs.map((spec) => {
    const found = byName.get(spec.name);
    const want = `${SAFETENSORS_DTYPES[spec.dtype]}[${spec.shape}]`;
    const have = found === undefined ? 'nothing' : `${found.dtype}[${found.shape}]`;
    if (found === undefined || have !== want) {
      throw fail('job.bundle-invalid', {
        reason: `${path} has ${have} for tensor '${spec.name}' and the program ${want}`,
      });
    }
    // The padding of a packed tensor's last word is zero by construction here, so it cannot carry anything.
    const words = new Uint32Array(constantWords(spec));
    new Uint8Array(words.buffer).set(found.data);
    return words;
  });
}

/** A compiler wrote this file: what would be bad input elsewhere is damage here. */
function parseTensors(bytes: Uint8Array, path: string): readonly SafetensorsTensor[] {
  try {
    return parseSafetensors(bytes, path).tensors;
  } catch (cause) {
    throw isGensynError(cause) ? fail('job.bundle-invalid', { reason: cause.message }, { cause }) : cause;
  }
}

function byteLength(dtype: ConstantTensor['dtype'], shape: readonly number[]): number {
  return shape.reduce((total, extent) => total * extent, 1) * (dtype === 'u8' ? 1 : 4);
}
