/**
 * A bundle: everything that a solver or verifier needs of a job, and nothing that could run. `jobHash` binds all of it
 * but the evaluation and the prediction, which decide no bit of the state.
 */
import type { Words } from '../backends/backend.js';
import { equalHashes, type Hash } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import { stateRoot } from '../commitments/roots.js';
import { tensorHash } from '../commitments/tensor-tree.js';
import { isInMemory, type WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import { isForeignNaN } from '../numerics/float32.js';
import { jobHash, programHash } from '../program/hash.js';
import { type ConstantTensor, constantWords, type Program, type StateTensor, stateWords } from '../program/program.js';
import { validateProgram } from '../program/validate.js';
import { checkPrediction, type Prediction } from './prediction.js';

/** A program that measures a state on held-out data: its training step `s` is batch `s`. */
export interface Evaluation {
  readonly program: Program;
  readonly constants: readonly Words[];
  readonly batches: number;
}

export interface Bundle {
  readonly name: string;
  readonly program: Program;
  /** Large ones may lie in a file; see `prepareExecutor`. */
  readonly constants: readonly WordSource[];
  readonly genesis: readonly Words[];
  /** S. */
  readonly steps: number;
  /** E, a power of two. */
  readonly checkpointEvery: number;
  readonly evaluation: Evaluation | null;
  readonly prediction: Prediction | null;
  readonly hashes: BundleHashes;
}

export interface BundleHashes {
  readonly job: Hash;
  readonly program: Hash;
  readonly genesisRoot: Hash;
  readonly genesis: readonly Hash[];
  readonly constants: readonly Hash[];
}

export type BundleContent = Omit<Bundle, 'hashes'>;

/**
 * Validates a bundle's content and computes its hashes; microcode is recompiled, never read.
 *
 * @throws `program.…` for a program that breaks a rule, `job.bundle-invalid` for data that does not fit it
 */
export function sealBundle(content: BundleContent): Bundle {
  const { program, constants, genesis, steps, checkpointEvery, evaluation, prediction } = content;
  validateProgram(program);
  checkConstants('constant', content);
  checkData('genesis tensor', program.state, program.state.map(stateWords), genesis);
  if (evaluation !== null) checkEvaluation(evaluation, program);
  if (prediction !== null) {
    validateProgram(prediction.program);
    checkConstants('prediction constant', prediction);
    checkPrediction(prediction, program);
  }
  const hashes = {
    constants: constants.map((words, at) => hashConstant(program.constants[at]!, words)),
    genesis: genesis.map(blake3Words),
  };
  const bound = { program: programHash(program, hashes.constants), genesisRoot: stateRoot(hashes.genesis) };
  const job = jobHash({ programHash: bound.program, genesisRoot: bound.genesisRoot, steps, checkpointEvery });
  return { ...content, hashes: { ...hashes, ...bound, job } };
}

/** Refuses a sealed bundle whose manifest declares another job hash. */
export function checkJobHash(bundle: Bundle, declared: Hash, toText: (hash: Hash) => string): void {
  if (equalHashes(bundle.hashes.job, declared)) return;
  throw fail('job.hash-mismatch', { declared: toText(declared), computed: toText(bundle.hashes.job) });
}

function checkData(
  what: string,
  specs: readonly (StateTensor | ConstantTensor)[],
  lengths: readonly number[],
  data: readonly WordSource[],
): void {
  if (data.length !== specs.length) {
    throw fail('job.bundle-invalid', { reason: `it has ${data.length} ${what}s and the program ${specs.length}` });
  }
  specs.forEach((spec, at) => {
    const words = data[at]!;
    if (words.length !== lengths[at]) {
      const reason = `${what} '${spec.name}' has ${words.length} words and the program ${lengths[at]}`;
      throw fail('job.bundle-invalid', { reason });
    }
    // Those in a file are checked while they are hashed.
    if (isInMemory(words)) checkNumbers(what, spec, words);
  });
}

/** Refuses a NaN with a payload: nothing of ours ever writes one, so it could only serve to set a trap. */
function checkNumbers(what: string, { name, dtype }: StateTensor | ConstantTensor, words: Words, first = 0): void {
  if (dtype !== 'f32') return;
  // A loop of its own: a closure for each of a billion words takes several times as long.
  for (let at = 0; at < words.length; at++) {
    if (!isForeignNaN(words[at]!)) continue;
    throw fail('job.bundle-invalid', {
      reason: `${what} '${name}' holds a NaN with a payload at element ${first + at}`,
    });
  }
}

/** The hash of a constant. One in a file is checked on the way, so that it is read only once. */
function hashConstant(spec: ConstantTensor, words: WordSource): Hash {
  if (isInMemory(words)) return blake3Words(words);
  const { length } = words;
  const subarray = (from: number, to: number): Words => {
    const piece = words.subarray(from, to);
    checkNumbers('constant', spec, piece, from);
    return piece;
  };
  return tensorHash({ length, at: (index) => words.at(index), subarray });
}

function checkConstants(what: string, { program, constants }: Pick<Bundle, 'program' | 'constants'>): void {
  checkData(what, program.constants, program.constants.map(constantWords), constants);
}

/** An evaluation measures the same state and leaves it as it is. */
function checkEvaluation({ program, constants, batches }: Evaluation, training: Program): void {
  validateProgram(program);
  checkConstants('evaluation constant', { program, constants });
  if (JSON.stringify(program.state) !== JSON.stringify(training.state)) {
    throw fail('job.bundle-invalid', { reason: 'its evaluation has another state than its training step' });
  }
  if (!Number.isSafeInteger(batches) || batches < 1 || batches > 0xffffffff) {
    throw fail('job.bundle-invalid', { reason: `its evaluation has ${batches} batches` });
  }
}

/**
 * The same program as another job: with fewer steps, or another checkpoint interval.
 *
 * @throws `job.too-many-steps` where the program's tables (learning rate, rows of data) end before
 */
export function resealBundle(
  bundle: Bundle,
  overrides: { readonly steps?: number | undefined; readonly checkpointEvery?: number | undefined },
): Bundle {
  const { hashes, ...content } = bundle;
  const steps = overrides.steps ?? content.steps;
  const checkpointEvery = overrides.checkpointEvery ?? content.checkpointEvery;
  if (steps > content.steps) throw fail('job.too-many-steps', { asked: steps, compiled: content.steps });
  const job = jobHash({ programHash: hashes.program, genesisRoot: hashes.genesisRoot, steps, checkpointEvery });
  return { ...content, steps, checkpointEvery, hashes: { ...hashes, job } };
}
