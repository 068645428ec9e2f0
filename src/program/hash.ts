/**
 * The hashes that bind a program on chain. Microcode is compiled here and never read from a file, so that nobody can ship
 * code that differs from the definition (protocol §1).
 *
 *     Op      { bytes32 code; uint32 instructions; uint32 words; uint256[] slots }     slots: at most 8
 *     Program { uint24 temporaries; uint24 states; uint24 constants; bytes32 ops; bytes32 consts }
 *     Job     { bytes32 program; bytes32 genesis; uint32 steps; uint8 checkpointLog2 }
 *     Sources { bytes32 stateRoot; bytes32 temporaryRoot; bytes32 constantRoot; uint24 temporaries; uint24 states;
 *               uint24 constants }     what the operators of one step may read, see src/game/context.ts
 *
 * The hash of a struct is `keccak256(abi.encode(keccak256(name), fields…))` with the names in {@link STRUCT_NAMES}.
 */
import { structHash } from '../commitments/abi.js';
import type { Hash } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { merkleRoot } from '../commitments/merkle.js';
import { fail } from '../errors/index.js';
import { type Operator, outputWords } from '../expr/operator.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import { type Program, type ProgramOperator, SLOT_KINDS, type Slot, temporaryCount } from './program.js';

/** The names whose keccak256 is the first word of each struct's preimage. */
export const STRUCT_NAMES = {
  operator: 'gensyn.operator/1',
  program: 'gensyn.program/1',
  job: 'gensyn.job/1',
  sources: 'gensyn.sources/1',
} as const;

/** Everything of an operator that its leaf binds. */
export interface OperatorRecord {
  /** keccak256 of the microcode. */
  readonly code: Hash;
  /** N: instructions executed for one element; 32 bits. */
  readonly instructions: number;
  /** Length of the output; 32 bits. */
  readonly words: number;
  /** One {@link packSlot} for each operand. */
  readonly slots: readonly bigint[];
}

/**
 * A slot as 256 bits: bits 0–31 the operand's words, bits 32–63 the index, bits 64–71 the kind (0 temporary, 1 state,
 * 2 constant), all higher bits zero.
 */
export function packSlot({ kind, index }: Slot, words: number): bigint {
  return (BigInt(SLOT_KINDS[kind]) << 64n) | (BigInt(index) << 32n) | BigInt(words);
}

/** What the leaf of an operator binds. Throws `program.microcode-too-long` and its neighbours. */
export function operatorRecord({ operator, slots, label }: ProgramOperator): OperatorRecord {
  const { hash, instructions } = codeHash(operator, label);
  return {
    code: hash,
    instructions,
    words: outputWords(operator),
    slots: slots.map((slot, at) => packSlot(slot, operator.operands[at]!.words)),
  };
}

/** The leaf of an operator in the tree `ops`. */
export function operatorLeaf({ code, instructions, words, slots }: OperatorRecord): Hash {
  return structHash(STRUCT_NAMES.operator, [code, instructions, words, slots]);
}

/** The leaves of all M+T operators, in order. */
export function operatorLeaves(program: Program): Hash[] {
  return program.operators.map((operator) => operatorLeaf(operatorRecord(operator)));
}

/** The fields of the struct `Program`. */
export interface ProgramRecord {
  readonly temporaries: number;
  readonly states: number;
  readonly constants: number;
  /** Keccak root over the operators' leaves. */
  readonly ops: Hash;
  /** Keccak root over the constants' BLAKE3 hashes; zero where there are none. */
  readonly consts: Hash;
}

/**
 * What the hash of a valid program binds.
 *
 * @param constantHashes - the BLAKE3 hash of each constant's words, in the program's order
 */
export function programRecord(program: Program, constantHashes: readonly Hash[]): ProgramRecord {
  if (constantHashes.length !== program.constants.length) {
    throw new Error(`${constantHashes.length} hashes for ${program.constants.length} constants`);
  }
  return {
    temporaries: temporaryCount(program),
    states: program.state.length,
    constants: program.constants.length,
    ops: merkleRoot(operatorLeaves(program)),
    consts: merkleRoot(constantHashes),
  };
}

/** The hash of a valid program; see {@link programRecord}. Throws `program.microcode-too-long` and its neighbours. */
export function programHash(program: Program, constantHashes: readonly Hash[]): Hash {
  return programRecordHash(programRecord(program, constantHashes));
}

/** The hash of the struct `Program`. */
export function programRecordHash({ temporaries, states, constants, ops, consts }: ProgramRecord): Hash {
  return structHash(STRUCT_NAMES.program, [temporaries, states, constants, ops, consts]);
}

export interface JobHashParameters {
  readonly programHash: Hash;
  /** The root of the genesis state. */
  readonly genesisRoot: Hash;
  /** S, 1 … 2^32 − 1. */
  readonly steps: number;
  /** E, a power of two up to 2^31. */
  readonly checkpointEvery: number;
}

/** The hash that names a job. Throws `program.invalid` for steps or an interval that no job can have. */
export function jobHash({ programHash: program, genesisRoot, steps, checkpointEvery }: JobHashParameters): Hash {
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > 0xffffffff) {
    throw fail('program.invalid', {
      reason: `it is to run ${steps} training steps, which is not from 1 to 4294967295`,
    });
  }
  const exponent = Math.clz32(1) - Math.clz32(checkpointEvery);
  if (!Number.isSafeInteger(checkpointEvery) || checkpointEvery !== 2 ** exponent) {
    throw fail('program.invalid', {
      reason: `a checkpoint every ${checkpointEvery} steps is not a power of two up to 2^31`,
    });
  }
  return structHash(STRUCT_NAMES.job, [program, genesisRoot, steps, exponent]);
}

interface CodeHash {
  readonly hash: Hash;
  readonly instructions: number;
}

const codeHashes = new WeakMap<Operator, CodeHash>();

/** Compiled and hashed once for each definition. */
function codeHash(operator: Operator, label: string): CodeHash {
  const known = codeHashes.get(operator);
  if (known !== undefined) return known;
  const { code, instructions } = compileMicrocode(operator, label);
  const made = { hash: keccak256(code), instructions };
  codeHashes.set(operator, made);
  return made;
}
