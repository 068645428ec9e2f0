import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { gameRuntimeBytecode } from '../../contracts/generated/game.js';
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

  test.each([
    ['the referee', refereeRuntimeBytecode],
    ['the game', gameRuntimeBytecode],
  ])('fits a block chain: %s is below the limit of EIP-170', (_name, code) => {
    expect((code.length - 2) / 2).toBeLessThan(CODE_SIZE_LIMIT);
  });
});
