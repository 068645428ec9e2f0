/**
 * Checkpoints: the whole state after some training steps, as a safetensors file that other tools read too.
 *
 * A file has exactly one spelling (the canonical one), so that a flipped bit anywhere is noticed. Its metadata names the
 * job, the step, the state root and each tensor's BLAKE3; all are checked against the tensors.
 */
import { join } from 'node:path';
import type { Words } from '../backends/backend.js';
import { equalHashes, type Hash, toHex } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import { stateRoot } from '../commitments/roots.js';
import { layOutSafetensors, parseSafetensors, type SafetensorsTensor } from '../data/safetensors.js';
import { fail, isGensynError } from '../errors/index.js';
import { readBoundedFile, writeFileAtomically } from '../files/atomic-file.js';
import { type Program, stateWords } from '../program/program.js';

export interface Checkpoint {
  /** Training steps done. */
  readonly step: number;
  readonly state: readonly Words[];
  /** BLAKE3 of each state tensor. */
  readonly tensorHashes: readonly Hash[];
  readonly stateRoot: Hash;
}

/** Puts hashes that are already known to a state. */
export function checkpointOf(step: number, state: readonly Words[], tensorHashes: readonly Hash[]): Checkpoint {
  return { step, state, tensorHashes, stateRoot: stateRoot(tensorHashes) };
}

export function checkpointPath(directory: string, step: number): string {
  return join(directory, 'checkpoints', `step-${String(step).padStart(10, '0')}.safetensors`);
}

/** Writes a checkpoint file, tensor by tensor. @throws `run.disk-full`, `run.not-writable` */
export async function writeCheckpoint(
  path: string,
  program: Program,
  jobHash: string,
  checkpoint: Checkpoint,
): Promise<void> {
  const { header, order } = layOutSafetensors(tensorsOf(program, checkpoint.state), metadataOf(jobHash, checkpoint));
  await writeFileAtomically(path, [header, ...order.map(({ data }) => data)]);
}

/**
 * Reads a checkpoint of a program and checks it against itself: canonical spelling, the program's tensors, hashes and
 * state root. Whether the root is the trace's is for the caller to compare.
 *
 * @throws `run.missing`, `run.not-readable`, `run.checkpoint-damaged` naming what does not fit
 */
export async function readCheckpoint(
  path: string,
  program: Program,
  jobHash: string,
  step: number,
): Promise<Checkpoint> {
  const bytes = await readBoundedFile(path, 'checkpoint', maximumBytes(program));
  return decodeCheckpoint(bytes, path, program, jobHash, step);
}

/** See {@link readCheckpoint}. `path` is only for messages. */
export function decodeCheckpoint(
  bytes: Uint8Array,
  path: string,
  program: Program,
  jobHash: string,
  step: number,
): Checkpoint {
  const damaged = (reason: string, cause?: unknown) => fail('run.checkpoint-damaged', { path, reason }, { cause });
  let file: ReturnType<typeof parseSafetensors>;
  try {
    file = parseSafetensors(bytes, path);
  } catch (cause) {
    throw isGensynError(cause) ? damaged(cause.message, cause) : cause;
  }
  const byName = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const state = program.state.map((tensor): Words => {
    const found = byName.get(tensor.name);
    if (found === undefined) throw damaged(`it has no tensor '${tensor.name}'`);
    const [have, want] = [`${found.dtype}[${found.shape}]`, `${tensor.dtype.toUpperCase()}[${tensor.shape}]`];
    if (have !== want) throw damaged(`tensor '${tensor.name}' is ${have} and should be ${want}`);
    return toWords(found.data);
  });
  if (byName.size !== program.state.length)
    throw damaged(`it has ${byName.size} tensors and the job ${program.state.length}`);

  const checkpoint = checkpointOf(step, state, state.map(blake3Words));
  const expected = metadataOf(jobHash, checkpoint);
  for (const key of new Set([...Object.keys(expected), ...Object.keys(file.metadata)])) {
    if (file.metadata[key] === expected[key]) continue;
    throw damaged(
      `its metadata says ${key} ${file.metadata[key] ?? 'nothing'} and its tensors ${expected[key] ?? 'nothing'}`,
    );
  }
  // The tensors fill the file without a hole, so a canonical header makes every byte of it canonical.
  const { header } = layOutSafetensors(tensorsOf(program, state), expected);
  if (!equalHashes(bytes.subarray(0, header.length), header)) throw damaged('its header is not spelled canonically');
  return checkpoint;
}

const METADATA_BYTES_PER_TENSOR = 2048;

function maximumBytes(program: Program): number {
  return program.state.reduce((bytes, tensor) => bytes + 4 * stateWords(tensor) + METADATA_BYTES_PER_TENSOR, 65536);
}

function tensorsOf(program: Program, state: readonly Words[]): SafetensorsTensor[] {
  return program.state.map(({ name, dtype, shape }, at) => {
    const words = state[at]!;
    const data = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    return { name, dtype: dtype === 'f32' ? 'F32' : 'I32', shape, data };
  });
}

function metadataOf(jobHash: string, { step, tensorHashes, stateRoot: root }: Checkpoint): Record<string, string> {
  return {
    format: 'gensyn.checkpoint/1',
    jobHash,
    step: String(step),
    stateRoot: toHex(root),
    tensors: tensorHashes.map((hash) => toHex(hash)).join(' '),
  };
}

/** Little-endian bytes as words: a view where they lie at a multiple of four, as in a file of ours, else a copy. */
function toWords(bytes: Uint8Array): Words {
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  // `slice` of a Node Buffer would be a view once more.
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
