import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeFunctionData } from 'viem';
import { refereeAbi, refereeBytecode } from '../../contracts/generated/referee.js';
import { type LocalChain, startLocalChain } from '../../scripts/contracts/local-chain.js';
import { parentHash } from '../../src/commitments/blake3.js';
import { toHex } from '../../src/commitments/hash.js';
import { merkleNode } from '../../src/commitments/merkle.js';
import { chunkList, chunkNode } from '../../src/commitments/tensor-tree.js';
import { climb } from '../../src/commitments/tree.js';
import { encodeMicrocode } from '../../src/referee/codec.js';
import { MACHINE_OPCODES, REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import { sampleLeaves, sampleWords } from '../commitments/samples.js';
import { inOrder, type StepArguments, stepArguments } from './step-fixture.js';

const PROOF_GAS_LIMIT = 400_000;
const GIBIBYTE_WORDS = 2 ** 28;
const TEMPORARIES = 2 ** 14;

let chain: LocalChain;
beforeAll(async () => {
  chain = await startLocalChain();
});
afterAll(async () => {
  await chain.stop();
});

/** The largest proof: 2 KiB of code, 8 slots, 2^14 temporaries, a word in the middle of a temporary of 1 GiB. */
function largestProof(): StepArguments {
  const load = { opcode: MACHINE_OPCODES.loadf, rd: 1, ra: 2, rb: 3, imm: 7 };
  const code = encodeMicrocode(Array.from({ length: 256 }, (_, at) => ({ ...load, ra: at })));
  const word = 123_456_789;
  const registers = Uint32Array.from({ length: REGISTER_COUNT }, () => word);
  const tensor = 9999;
  const slots = Array.from({ length: 8 }, () => ({ kind: 0, index: tensor, words: GIBIBYTE_WORDS }));
  const step = stepArguments({ sources: [[], [], []], slots, code, state: { pc: 200, registers }, position: 16_000 });

  const chunk = Math.floor(word / 256);
  const words = sampleWords(256);
  const leaf = chunkNode(words, GIBIBYTE_WORDS, chunk);
  const chunkSiblings = sampleLeaves(20, 1);
  const hash = climb(GIBIBYTE_WORDS / 256, chunk, leaf, chunkSiblings, parentHash)!;
  const tensorSiblings = sampleLeaves(14, 2);
  const root = climb(TEMPORARIES, tensor, hash, tensorSiblings, merkleNode)!;
  return {
    ...step,
    frame: { ...step.frame, temporaryRoot: toHex(root), temporaries: TEMPORARIES },
    operand: {
      tensor: toHex(hash),
      tensorSiblings: tensorSiblings.map(toHex),
      chunk: chunkList(words, 0).map(toHex),
      chunkSiblings: chunkSiblings.map(toHex),
    },
  };
}

describe('gas', () => {
  test('a one-step proof with an operand in a tensor of 1 GiB costs at most 400 k with its transaction', async () => {
    const { contractAddress } = await chain.transact(undefined, refereeBytecode);
    const data = encodeFunctionData({ abi: refereeAbi, functionName: 'executeStep', args: inOrder(largestProof()) });
    const { gasUsed } = await chain.transact(contractAddress, data);
    expect(gasUsed).toBeGreaterThan(250_000);
    expect(gasUsed).toBeLessThanOrEqual(PROOF_GAS_LIMIT);
    if (process.env['SHOW_GAS'] !== undefined) process.stderr.write(`one-step proof: ${gasUsed} gas\n`);
  });
});
