import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compareRows, compareRun } from '../../scripts/contracts/differential.js';
import { type Contracts, startContracts } from '../../scripts/contracts/harness.js';
import { randomRun } from '../../scripts/contracts/random-programs.js';
import { randomRows, specialGrid } from '../../scripts/contracts/random-rows.js';
import { bytesToHex, type Hex } from '../../src/commitments/hash.js';
import { outputWords } from '../../src/expr/operator.js';
import { INSTRUCTIONS } from '../../src/numerics/instructions.js';
import { encodeMicrocode, type MachineInstruction } from '../../src/referee/codec.js';
import { compileMicrocode, fitsReferee } from '../../src/referee/compile-microcode.js';
import { encodeMachineState, startState } from '../../src/referee/machine.js';
import { IMMEDIATE, MACHINE_OPCODES, REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import { ADVERSARIAL_WORDS, createRandom, randomOperator, randomWords } from '../referee/random-operators.js';

let contracts: Contracts;
beforeAll(async () => {
  contracts = await startContracts();
});
afterAll(async () => {
  await contracts.stop();
});

describe('a difference', () => {
  /** The contracts, but for one byte of what they are given. */
  const altered = (at: number): Contracts => ({
    ...contracts,
    harness: ((name: 'run', [code, ...rest]: [Hex, Hex, Hex[], bigint]) => {
      const byte = Number.parseInt(code.slice(2 + 2 * at, 4 + 2 * at), 16) ^ 1;
      const other = `${code.slice(0, 2 + 2 * at)}${byte.toString(16).padStart(2, '0')}${code.slice(4 + 2 * at)}`;
      return contracts.harness(name, [other as Hex, ...rest]);
    }) as Contracts['harness'],
  });

  test('is found, and at the first instruction that shows it', async () => {
    const add = { opcode: INSTRUCTIONS.iadd.opcode, rd: 7, ra: 7, rb: IMMEDIATE, imm: 3 };
    const run = {
      code: encodeMicrocode([add, add, add, add, add, add]),
      operands: [],
      start: startState(1, 2),
      count: 6,
    };
    expect(await compareRun(contracts, run)).toBeUndefined();
    expect(await compareRun(altered(8 * 3 + 7), run)).toContain('instruction 4: iadd');
    expect(await compareRun(altered(8 * 5 + 1), run)).toContain('instruction 6: iadd');
  });
});

describe('every scalar instruction gives the same bits on chain', () => {
  const thirds = [0, 0x80000000, 1, 0xbf800000, 0x7f800000, 0x7fc00001, 0x807fffff];

  test.each(Object.entries(INSTRUCTIONS))('%s', async (_, { opcode, args }) => {
    expect(await compareRows(contracts, opcode, specialGrid(args.length === 3 ? thirds : [0]))).toBeUndefined();
    expect(await compareRows(contracts, opcode, randomRows(createRandom(opcode), 1500))).toBeUndefined();
  });
});

describe('after every instruction both machines are in the same state', () => {
  const words = Uint32Array.from(ADVERSARIAL_WORDS);
  const instruction = (fields: Partial<MachineInstruction>): MachineInstruction => ({
    opcode: 0,
    rd: 3,
    ra: 4,
    rb: 5,
    imm: 6,
    ...fields,
  });
  const registers = Uint32Array.from({ length: REGISTER_COUNT }, (_, register) => 0x40000000 + 77777 * register);

  test('for each of the 256 opcodes, with every form of its fields', async () => {
    const random = createRandom(11);
    for (let opcode = 0; opcode < 256; opcode++) {
      const instructions = [
        instruction({ opcode }),
        instruction({ opcode, rb: IMMEDIATE }),
        instruction({ opcode, rd: 0xff, ra: 0xe4, rb: 0x25, imm: 0xffffffff }),
        instruction({ opcode, rd: random.below(256), ra: random.below(256), rb: random.below(256), imm: 2 }),
      ];
      for (const each of instructions) {
        const run = { code: encodeMicrocode([each]), operands: [words, words], count: 3 };
        expect(await compareRun(contracts, { ...run, start: { pc: 0, registers } })).toBeUndefined();
      }
    }
  });

  test('for random programs with wild branches, bad loads and opcodes that do not exist', async () => {
    const random = createRandom(2);
    for (let program = 0; program < 60; program++) {
      expect(await compareRun(contracts, randomRun(random, 300))).toBeUndefined();
    }
  });

  test('for random operators as the compiler emits them', async () => {
    const random = createRandom(3);
    for (let attempt = 0; attempt < 60; attempt++) {
      const operator = randomOperator(random, 12);
      if (!fitsReferee(operator)) continue;
      const { code, instructions } = compileMicrocode(operator);
      const operands = operator.operands.map((operand) => randomWords(random, operand.words));
      const start = startState(random.below(Math.max(1, outputWords(operator))), attempt);
      const run = { code, operands, start, count: Math.min(instructions, 400) };
      expect(await compareRun(contracts, run)).toBeUndefined();
    }
  });

  test('where the program counter is at, beyond or far beyond the end, and where code does not end with an instruction', async () => {
    const code = encodeMicrocode([
      instruction({ opcode: MACHINE_OPCODES.li }),
      instruction({ opcode: MACHINE_OPCODES.li, rd: 9 }),
    ]);
    for (const pc of [0, 1, 2, 3, 255, 256, 0x1fffffff, 0x20000000, 0x20000001, 0x7fffffff, 0xffffffff]) {
      for (const length of [16, 15, 9, 8, 7, 1, 0]) {
        const run = { code: code.subarray(0, length), operands: [], start: { pc, registers }, count: 3 };
        expect(await compareRun(contracts, run)).toBeUndefined();
      }
    }
  });

  test('and the same state stands before the first', async () => {
    for (const [element, step] of [
      [0, 0],
      [1, 2],
      [0xffffffff, 0xfffffffe],
    ] as const) {
      const expected = bytesToHex(encodeMachineState(startState(element, step)));
      expect(await contracts.harness('start', [element, step])).toBe(expected);
    }
  });
});
