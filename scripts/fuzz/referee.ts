/** The compiled contracts against the TypeScript definitions: machines after every instruction, float operations, BLAKE3. */
import { blake3Reference } from '../../src/commitments/blake3.js';
import { toHex } from '../../src/commitments/hash.js';
import { outputWords } from '../../src/expr/operator.js';
import { compileMicrocode, fitsReferee } from '../../src/referee/compile-microcode.js';
import { startState } from '../../src/referee/machine.js';
import { SCALAR_BY_OPCODE } from '../../src/referee/machine-instructions.js';
import { type Random, randomOperator, randomWords } from '../../test/referee/random-operators.js';
import { compareRows, compareRun, type MachineRun } from '../contracts/differential.js';
import { type Contracts, startContracts } from '../contracts/harness.js';
import { hashOnChain } from '../contracts/hash-on-chain.js';
import { randomRun } from '../contracts/random-programs.js';
import { randomRows } from '../contracts/random-rows.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';

const PROGRAM_INSTRUCTIONS = 2000;
const ROWS = 2000;
const MAX_MESSAGE_BYTES = 5000;
const OPERATOR_SIZE = 12;

const OPCODES = SCALAR_BY_OPCODE.flatMap((scalar, opcode) => (scalar === undefined ? [] : [opcode]));

export const TARGETS: readonly Target[] = [
  defineTarget({ name: 'machine', open: () => onChain(randomMachineRun, compareRun, showRun) }),
  defineTarget({ name: 'operators', open: () => onChain(randomOperatorRun, compareRun, showRun) }),
  defineTarget({ name: 'scalars', open: () => onChain(randomScalarRows, compareScalar, showRows) }),
  defineTarget({ name: 'blake3', open: () => onChain(randomMessage, compareHash, (message) => message) }),
];

/** Compares with a chain of its own; `compare` says where the two differ. */
async function onChain<Input>(
  make: (random: Random) => Input,
  compare: (contracts: Contracts, input: Input) => Promise<string | undefined>,
  show: (input: Input) => Uint8Array | string,
): Promise<Fuzzer<Input>> {
  const contracts = await startContracts();
  return {
    make,
    check: async (input): Promise<Outcome> => {
      const difference = await compare(contracts, input);
      if (difference !== undefined) throw new Error(difference);
      return 'accepted';
    },
    show,
    close: () => contracts.stop(),
  };
}

function randomMachineRun(random: Random): MachineRun {
  return randomRun(random, PROGRAM_INSTRUCTIONS);
}

/** A compiled operator, from an element on. */
function randomOperatorRun(random: Random): MachineRun {
  for (;;) {
    const operator = randomOperator(random, OPERATOR_SIZE);
    if (!fitsReferee(operator)) continue;
    const { code, instructions } = compileMicrocode(operator);
    const operands = operator.operands.map(({ words }) => randomWords(random, words));
    const start = startState(random.below(Math.max(1, outputWords(operator))), random.below(1000));
    return { code, operands, start, count: Math.min(instructions, PROGRAM_INSTRUCTIONS) };
  }
}

interface ScalarRows {
  readonly opcode: number;
  readonly rows: Uint32Array;
}

function randomScalarRows(random: Random): ScalarRows {
  return { opcode: OPCODES[random.below(OPCODES.length)]!, rows: randomRows(random, ROWS) };
}

function compareScalar(contracts: Contracts, { opcode, rows }: ScalarRows): Promise<string | undefined> {
  return compareRows(contracts, opcode, rows);
}

function randomMessage(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.below(MAX_MESSAGE_BYTES + 1) }, () => random.below(256));
}

async function compareHash({ harness }: Contracts, message: Uint8Array): Promise<string | undefined> {
  const [here, there] = [toHex(blake3Reference(message)), await hashOnChain(harness, message)];
  return here === there ? undefined : `BLAKE3 of ${message.length} bytes: ${here} here, ${there} on chain`;
}

function showRun({ code, operands, start, count }: MachineRun): string {
  const words = (list: Uint32Array): string => [...list].join(' ');
  const registers = words(start.registers);
  return JSON.stringify({
    code: Buffer.from(code).toString('hex'),
    operands: operands.map(words),
    pc: start.pc,
    registers,
    count,
  });
}

function showRows({ opcode, rows }: ScalarRows): string {
  return JSON.stringify({ opcode, rows: [...rows] });
}
