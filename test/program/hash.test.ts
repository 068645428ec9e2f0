import { describe, expect, test } from '@jest/globals';
import { abiEncode } from '../../src/commitments/abi.js';
import { bytesToHex } from '../../src/commitments/hash.js';
import { keccak256, keccak256Text } from '../../src/commitments/keccak.js';
import { merkleNode, merkleRoot } from '../../src/commitments/merkle.js';
import { describeOperators, describeProgram } from '../../src/program/describe.js';
import {
  jobHash,
  operatorLeaf,
  operatorLeaves,
  operatorRecord,
  packSlot,
  programHash,
  STRUCT_NAMES,
} from '../../src/program/hash.js';
import type { Program } from '../../src/program/program.js';
import { compileMicrocode } from '../../src/referee/compile-microcode.js';
import { decay, sampleProgram } from './sample-program.js';

const constantHashes = [keccak256Text('images')];
const hash = (program: Program): string => bytesToHex(programHash(program, constantHashes));

describe('an operator leaf', () => {
  test('binds microcode, instruction count, length and slots as the protocol says', () => {
    const entry = sampleProgram().operators[1]!;
    const { code, instructions } = compileMicrocode(entry.operator);
    const slots = [(1n << 64n) | 24n, (0n << 64n) | (0n << 32n) | 6n];
    const preimage = abiEncode([keccak256Text('gensyn.operator/1'), keccak256(code), instructions, 4, slots]);
    expect(preimage).toHaveLength(32 * (5 + 1 + 2));
    expect(operatorLeaf(operatorRecord(entry))).toEqual(keccak256(preimage));
  });

  test('packs a slot into kind, index and words', () => {
    expect(packSlot({ kind: 'constant', index: 0x123456 }, 0xfffffffe).toString(16)).toBe('200123456fffffffe');
    expect(packSlot({ kind: 'temporary', index: 0 }, 1)).toBe(1n);
  });
});

describe('the program hash', () => {
  test('is the hash of counts, operator tree and constant tree', () => {
    const program = sampleProgram();
    const leaves = operatorLeaves(program);
    const ops = merkleNode(
      merkleNode(merkleNode(leaves[0]!, leaves[1]!), merkleNode(leaves[2]!, leaves[3]!)),
      leaves[4]!,
    );
    expect(merkleRoot(leaves)).toEqual(ops);
    const preimage = abiEncode([keccak256Text(STRUCT_NAMES.program), 3, 2, 1, ops, constantHashes[0]!]);
    expect(hash(program)).toBe(bytesToHex(keccak256(preimage)));
  });

  test('changes with everything that decides a bit, and with nothing else', () => {
    const program = sampleProgram();
    const [first, ...rest] = program.operators;
    const changed: Program[] = [
      {
        ...program,
        operators: [
          first!,
          rest[0]!,
          rest[1]!,
          { ...rest[2]!, slots: [rest[2]!.slots[1]!, rest[2]!.slots[1]!] },
          rest[3]!,
        ],
      },
      { ...program, operators: [first!, rest[0]!, rest[1]!, { ...rest[2]!, operator: decay(23) }, rest[3]!] },
      { ...program, operators: [...program.operators].reverse() },
      { ...program, state: program.state.slice(1) },
    ];
    const hashes = [hash(program), ...changed.map(hash), bytesToHex(programHash(program, [keccak256Text('others')]))];
    expect(new Set(hashes).size).toBe(hashes.length);

    const renamed = program.operators.map(({ operator, slots }) => ({
      operator: { ...operator, kind: 'other' },
      slots,
      label: '',
    }));
    expect(hash({ ...program, operators: renamed, results: {} })).toBe(hash(program));
  });
});

describe('the job hash', () => {
  const parts = {
    programHash: keccak256Text('program'),
    genesisRoot: keccak256Text('genesis'),
    steps: 1000,
    checkpointEvery: 64,
  };

  test('binds program, genesis, steps and the logarithm of the interval', () => {
    const preimage = abiEncode([keccak256Text('gensyn.job/1'), parts.programHash, parts.genesisRoot, 1000, 6]);
    expect(jobHash(parts)).toEqual(keccak256(preimage));
    expect(jobHash({ ...parts, checkpointEvery: 2 ** 31 })).not.toEqual(jobHash(parts));
  });

  test('refuses steps and intervals that no job can have', () => {
    for (const steps of [0, -1, 1.5, 2 ** 32, Number.NaN])
      expect(() => jobHash({ ...parts, steps })).toThrow(/training steps/);
    for (const checkpointEvery of [0, 3, -2, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => jobHash({ ...parts, checkpointEvery })).toThrow(/power of two/);
    }
  });
});

test('a description says what an operator is, where its operands come from and what it costs', () => {
  const program = sampleProgram();
  const [, matmul, , , copy] = describeOperators(program);
  expect(matmul).toMatchObject({
    index: 1,
    kind: 'matmul',
    label: 'dense_1/forward',
    words: 4,
    sources: ['state dense_1/kernel', 'temporary 0'],
  });
  expect(copy).toMatchObject({ computes: 'dense_1/bias', isIdentity: true, instructions: 1 });
  expect(describeProgram(program)).toMatchObject({
    temporaries: 3,
    states: 2,
    constants: 1,
    definitions: 5,
    results: ['loss'],
  });
});
