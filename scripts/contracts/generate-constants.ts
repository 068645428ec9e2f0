/**
 * Writes what the contracts share with the TypeScript side: opcodes from the instruction table, and the unrolled rounds
 * of BLAKE3 from its schedule. `--check` writes nothing and fails where a file is stale.
 *
 *     node dist/scripts/contracts/generate-constants.js [--check]
 */
import process from 'node:process';
import { writeGenerated } from './generated-files.js';
import { solidityBlake3Rounds } from './solidity-blake3.js';
import { solidityOpcodes } from './solidity-opcodes.js';

writeGenerated(
  {
    'contracts/src/generated/Opcodes.sol': solidityOpcodes(),
    'contracts/src/generated/Blake3Rounds.sol': solidityBlake3Rounds(),
  },
  process.argv.includes('--check'),
);
