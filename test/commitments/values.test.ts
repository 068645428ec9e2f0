import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { abiEncode, abiWord, structHash } from '../../src/commitments/abi.js';
import { bytesToHex, equalHashes, fromHex, isHash, toHex } from '../../src/commitments/hash.js';
import { keccak256, keccak256Text } from '../../src/commitments/keccak.js';
import { checkpointCount, checkpointStep, stateRoot, traceRoot } from '../../src/commitments/roots.js';
import { isGensynError } from '../../src/errors/index.js';
import { sampleLeaves } from './samples.js';

const codeOf = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return isGensynError(error) ? error.code : error;
  }
};

describe('hashes as text', () => {
  test('text and bytes are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
        expect(equalHashes(fromHex(toHex(hash)), hash)).toBe(true);
        expect(equalHashes(fromHex(`0x${toHex(hash).slice(2).toUpperCase()}`), hash)).toBe(true);
      }),
    );
  });

  test('anything but 0x and 64 digits is refused with an error of the catalogue', () => {
    const digits = 'a'.repeat(64);
    const wrong = [
      '',
      '0x',
      digits,
      `0x${digits}0`,
      `0x${digits.slice(1)}g`,
      ` 0x${digits}`,
      `0X${digits}`,
      5,
      null,
      {},
    ];
    for (const text of wrong) expect(codeOf(() => fromHex(text))).toBe('commitment.invalid-hash');
    expect(codeOf(() => toHex(new Uint8Array(31)))).toBe('commitment.invalid-hash');
  });

  test('only 32 bytes are a hash', () => {
    expect(isHash(new Uint8Array(32))).toBe(true);
    for (const value of [new Uint8Array(33), new Uint32Array(8), new DataView(new ArrayBuffer(32)), 'x', null, {}]) {
      expect(isHash(value)).toBe(false);
    }
  });
});

describe('keccak-256', () => {
  test('is the EVM’s, not SHA3-256', () => {
    // Known answers: the empty code hash of Ethereum (Yellow Paper), and the `Transfer` event's topic (ERC-20).
    expect(bytesToHex(keccak256(new Uint8Array()))).toBe(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    );
    expect(bytesToHex(keccak256Text('Transfer(address,address,uint256)'))).toBe(
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    );
  });
});

describe('abi.encode', () => {
  const word = (hex: string): string => hex.padStart(64, '0');

  test('writes integers big-endian, arrays as offset, length and items', () => {
    // As in the Solidity documentation's example for f(uint256, uint32[], …): offsets count from the first head word.
    const code = new Uint8Array(32).fill(0xcc);
    const encoded = bytesToHex(abiEncode([0x123, [0x456, 0x789n], code, [], 7])).slice(2);
    const expected = ['123', 'a0', 'c'.repeat(2).repeat(32), '100', '7', '2', '456', '789', '0'].map(word).join('');
    expect(encoded).toBe(expected);
  });

  test('integers are bounded by 256 bits', () => {
    expect(bytesToHex(abiWord(2n ** 256n - 1n))).toBe(`0x${'f'.repeat(64)}`);
    for (const value of [-1, -1n, 2n ** 256n, 0.5, Number.NaN, 2 ** 53]) {
      expect(codeOf(() => abiWord(value))).toBe('commitment.invalid-word');
    }
    expect(codeOf(() => abiWord(new Uint8Array(31)))).toBe('commitment.invalid-hash');
  });

  test('a struct’s hash begins with the hash of its name and is never as long as a node', () => {
    const fields = [1, 2n, sampleLeaves(1)[0]!];
    expect(structHash('gensyn.Job', fields)).toEqual(keccak256(abiEncode([keccak256Text('gensyn.Job'), ...fields])));
    expect(structHash('gensyn.Job', fields)).not.toEqual(structHash('gensyn.Program', fields));
    expect(() => structHash('gensyn.Job', [1])).toThrow();
  });
});

describe('roots of states and traces', () => {
  test('a root changes with the order of its tensors and with every one of them', () => {
    const hashes = sampleLeaves(6);
    const roots = [
      stateRoot(hashes),
      stateRoot(hashes.toReversed()),
      stateRoot(hashes.slice(1)),
      stateRoot([...hashes, hashes[5]!]),
      ...hashes.map((_, index) => stateRoot(hashes.with(index, sampleLeaves(1, 99)[0]!))),
    ];
    expect(new Set(roots.map(toHex)).size).toBe(roots.length);
    expect(traceRoot([hashes[0]!])).toEqual(hashes[0]);
  });

  test('checkpoints stand at 0, E, 2E, … and at the last step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 12 }), (steps, exponent) => {
        const count = checkpointCount(steps, exponent);
        const stands = Array.from({ length: count }, (_, index) => checkpointStep(steps, exponent, index));
        const expected: number[] = [];
        for (let step = 0; step < steps; step += 2 ** exponent) expected.push(step);
        expect(stands).toEqual([...expected, steps]);
      }),
    );
    expect(checkpointCount(2 ** 32 - 1, 0)).toBe(2 ** 32);
    for (const [steps, exponent] of [
      [0, 0],
      [2 ** 32, 0],
      [1.5, 0],
      [1, -1],
      [1, 32],
      [Number.NaN, 0],
    ] as const) {
      expect(codeOf(() => checkpointCount(steps, exponent))).toBe('commitment.invalid-word');
    }
    expect(codeOf(() => checkpointStep(10, 2, 4))).toBe('commitment.index-out-of-range');
  });
});
