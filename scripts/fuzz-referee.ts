/**
 * Compares the compiled contracts with the TypeScript definitions for a bounded time: machines after every instruction,
 * float operations, BLAKE3. One JSON line of counts on stdout; fails at the first difference.
 *
 *     node dist/scripts/fuzz-referee.js [--seconds 60] [--seed 1]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { blake3Reference } from '../src/commitments/blake3.js';
import { toHex } from '../src/commitments/hash.js';
import { outputWords } from '../src/expr/operator.js';
import { compileMicrocode, fitsReferee } from '../src/referee/compile-microcode.js';
import { startState } from '../src/referee/machine.js';
import { SCALAR_BY_OPCODE } from '../src/referee/machine-instructions.js';
import { createRandom, randomOperator, randomWords } from '../test/referee/random-operators.js';
import { compareRows, compareRun } from './contracts/differential.js';
import { type Contracts, startContracts } from './contracts/harness.js';
import { hashOnChain } from './contracts/hash-on-chain.js';
import { randomRun } from './contracts/random-programs.js';
import { randomRows } from './contracts/random-rows.js';

const PROGRAM_INSTRUCTIONS = 2000;
const ROWS = 8000;
const MESSAGES = 50;
const MAX_MESSAGE_BYTES = 5000;

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = positive('seconds', values.seconds ?? '60');
const seed = positive('seed', values.seed ?? '1');
const random = createRandom(seed);
const scalarOpcodes = SCALAR_BY_OPCODE.flatMap((scalar, opcode) => (scalar === undefined ? [] : [opcode]));
const counts = { seconds, seed, instructions: 0, operators: 0, vectorsPerOperation: 0, messages: 0 };

const contracts = await startContracts();
try {
  const end = performance.now() + 1000 * seconds;
  for (let turn = 0; performance.now() < end; turn++) {
    await fuzzPrograms(contracts);
    await fuzzOperators(contracts);
    if (turn % 4 === 0) await fuzzScalars(contracts);
    await fuzzBlake3(contracts, turn);
  }
} finally {
  await contracts.stop();
}
process.stdout.write(`${JSON.stringify(counts)}\n`);

async function fuzzPrograms(where: Contracts): Promise<void> {
  for (let program = 0; program < 10; program++) {
    agree(await compareRun(where, randomRun(random, PROGRAM_INSTRUCTIONS)));
    counts.instructions += PROGRAM_INSTRUCTIONS;
  }
}

/** Compiled operators, from the element to the last instruction. */
async function fuzzOperators(where: Contracts): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const operator = randomOperator(random, 12);
    if (!fitsReferee(operator)) continue;
    const { code, instructions } = compileMicrocode(operator);
    const operands = operator.operands.map(({ words }) => randomWords(random, words));
    const start = startState(random.below(Math.max(1, outputWords(operator))), random.below(1000));
    const count = Math.min(instructions, PROGRAM_INSTRUCTIONS);
    agree(await compareRun(where, { code, operands, start, count }));
    counts.instructions += count;
    counts.operators += 1;
  }
}

async function fuzzScalars(where: Contracts): Promise<void> {
  const rows = randomRows(random, ROWS);
  for (const opcode of scalarOpcodes) agree(await compareRows(where, opcode, rows));
  counts.vectorsPerOperation += ROWS;
}

/** Every size to 5,000 bytes in turn, fifty a turn. */
async function fuzzBlake3({ harness }: Contracts, turn: number): Promise<void> {
  for (let at = 0; at < MESSAGES; at++) {
    const message = Uint8Array.from({ length: (MESSAGES * turn + at) % (MAX_MESSAGE_BYTES + 1) }, () =>
      random.below(256),
    );
    const [here, there] = [toHex(blake3Reference(message)), await hashOnChain(harness, message)];
    if (here !== there) agree(`BLAKE3 of ${message.length} bytes: ${here} here, ${there} on chain`);
    counts.messages += 1;
  }
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(Number.isFinite(number) && number > 0)) throw new Error(`--${name} ${text} is not a positive number`);
  return number;
}

function agree(difference: string | undefined): void {
  if (difference !== undefined) throw new Error(`seed ${seed}, ${JSON.stringify(counts)}: ${difference}`);
}
