import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { refereeRuntimeBytecode } from '../../contracts/generated/referee.js';
import { SOURCES_DIGEST } from '../../contracts/generated/sources.js';
import { solidityBlake3Rounds } from '../../scripts/contracts/solidity-blake3.js';
import { solidityOpcodes } from '../../scripts/contracts/solidity-opcodes.js';
import { sourcesDigest } from '../../scripts/contracts/sources-digest.js';

const CODE_SIZE_LIMIT = 24_576;

describe('what is generated for and from the contracts', () => {
  test('has the opcodes of the instruction table and the rounds of the BLAKE3 schedule', () => {
    expect(readFileSync('contracts/src/generated/Opcodes.sol', 'utf8')).toBe(solidityOpcodes());
    expect(readFileSync('contracts/src/generated/Blake3Rounds.sol', 'utf8')).toBe(solidityBlake3Rounds());
  });

  test('is compiled from the sources that stand there', () => {
    expect(SOURCES_DIGEST).toBe(sourcesDigest());
  });

  test('fits a block chain: the referee is below the limit of EIP-170', () => {
    expect((refereeRuntimeBytecode.length - 2) / 2).toBeLessThanOrEqual(CODE_SIZE_LIMIT);
  });
});
