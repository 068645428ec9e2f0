import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Contracts, startContracts } from '../../scripts/contracts/harness.js';
import { hashOnChain } from '../../scripts/contracts/hash-on-chain.js';
import { blake3Reference } from '../../src/commitments/blake3.js';
import { toHex } from '../../src/commitments/hash.js';
import { merkleRoot, openingOf } from '../../src/commitments/merkle.js';
import { childNodes, chunkList, chunkNode, foldChildNodes } from '../../src/commitments/tensor-tree.js';
import { blocksOf } from '../../src/commitments/tree.js';
import { jobHash, operatorLeaf, programRecordHash } from '../../src/program/hash.js';
import { sampleLeaves, sampleWords, vectorInput } from '../commitments/samples.js';

let contracts: Contracts;
beforeAll(async () => {
  contracts = await startContracts();
});
afterAll(async () => {
  await contracts.stop();
});

describe('hashes are the same on chain', () => {
  test('BLAKE3 around every edge of words, blocks and chunks', async () => {
    const edges = [0, 64, 128, 512, 960, 1024, 2048, 3072, 4096, 5120, 8192].flatMap((edge) => [
      edge,
      edge + 1,
      edge + 4,
    ]);
    const sizes = [...edges, 1, 2, 3, 31, 32, 33, 63, 127, 1023, 2047, 3071, 5000, 6144, 31744];
    for (const size of sizes) {
      const message = vectorInput(size);
      expect({ size, hash: await hashOnChain(contracts.harness, message) }).toEqual({
        size,
        hash: toHex(blake3Reference(message)),
      });
    }
  });

  test('BLAKE3 as the official test vectors have it', async () => {
    const vectors = [
      [0, '0xaf1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
      [1, '0x2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
      [1023, '0x10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11'],
      [1024, '0x42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
      [1025, '0xd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
      [2048, '0xe776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a'],
      [2049, '0x5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030'],
    ] as const;
    for (const [size, hash] of vectors) expect(await hashOnChain(contracts.harness, vectorInput(size))).toBe(hash);
  });

  test('keccak roots of every number of leaves to 70, and their blocks', async () => {
    for (let count = 0; count <= 70; count++) {
      const leaves = sampleLeaves(count);
      expect(await contracts.harness('merkleRoot', [leaves.map(toHex)])).toBe(toHex(merkleRoot(leaves)));
    }
    for (const count of [0, 1, 31, 32, 33, 64, 65, 1000, 2 ** 20, 2 ** 20 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]) {
      const { level, count: blockCount } = blocksOf(count);
      expect(await contracts.harness('blocks', [BigInt(count)])).toEqual([BigInt(level), BigInt(blockCount)]);
    }
  });

  test('every leaf of keccak trees opens', async () => {
    for (const count of [1, 2, 3, 5, 8, 13]) {
      const leaves = sampleLeaves(count);
      const root = toHex(merkleRoot(leaves));
      for (let index = 0; index < count; index++) {
        const { leaf, siblings } = openingOf(leaves, index);
        await contracts.harness('merkleVerify', [root, toHex(leaf), BigInt(index), BigInt(count), siblings.map(toHex)]);
      }
    }
  });

  test('chunks and lists of tensors, as a dispute posts them', async () => {
    for (const length of [0, 1, 7, 8, 9, 255, 256, 257, 600, 256 * 33, 256 * 70 + 3]) {
      const words = sampleWords(length);
      const chunks = Math.max(1, Math.ceil(length / 256));
      for (const chunk of [0, chunks - 1]) {
        const hash = await contracts.referee('chunkHash', [chunkList(words, chunk).map(toHex), length, chunk]);
        const part = words.subarray(256 * chunk, 256 * (chunk + 1));
        expect(hash).toBe(toHex(chunkNode(part, length, chunk)));
      }
      if (chunks < 2) continue;
      const nodes = childNodes(words, 0, chunks);
      for (const isRoot of [true, false]) {
        const hash = await contracts.referee('listHash', [nodes.map(toHex), isRoot]);
        expect(hash).toBe(toHex(foldChildNodes(nodes, isRoot)));
      }
    }
  });

  test('operators, programs and jobs', async () => {
    const [code, genesis, program] = sampleLeaves(3);
    for (const slots of [[], [1n], [(2n << 64n) | (5n << 32n) | 0xffffffffn, 3n, 2n ** 256n - 1n]]) {
      const record = { code: code!, instructions: 40, words: 0xffffffff, slots };
      expect(await contracts.harness('operatorLeaf', [{ ...record, code: toHex(code!) }])).toBe(
        toHex(operatorLeaf(record)),
      );
    }
    const record = { temporaries: 1, states: 0xffffff, constants: 0, ops: code!, consts: genesis! };
    expect(await contracts.harness('programHash', [{ ...record, ops: toHex(code!), consts: toHex(genesis!) }])).toBe(
      toHex(programRecordHash(record)),
    );
    const terms = { program: toHex(program!), genesis: toHex(genesis!), steps: 0xffffffff, checkpointLog2: 31 };
    expect(await contracts.harness('jobHash', [terms])).toBe(
      toHex(jobHash({ programHash: program!, genesisRoot: genesis!, steps: 0xffffffff, checkpointEvery: 2 ** 31 })),
    );
  });
});
