import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keccak256 } from '../../src/commitments/keccak.js';
import { INSTRUCTIONS, type Instruction } from '../../src/numerics/instructions.js';
import { decodeMicrocode, encodeMicrocode, type MachineInstruction } from '../../src/referee/codec.js';
import { disassemble, disassembleInstruction } from '../../src/referee/disassemble.js';
import {
  createMachine,
  encodeMachineState,
  hashMachineState,
  MACHINE_STATE_BYTES,
  runElement,
  runMachine,
  startState,
  stepMachine,
} from '../../src/referee/machine.js';
import { IMMEDIATE, MACHINE_OPCODES, SCALAR_BY_OPCODE } from '../../src/referee/machine-instructions.js';
import { ADVERSARIAL_WORDS } from './random-operators.js';

const byte = fc.integer({ min: 0, max: 255 });
const word = fc.oneof(fc.constantFrom(...ADVERSARIAL_WORDS), fc.integer({ min: 0, max: 0xffffffff }));
const anyInstruction: fc.Arbitrary<MachineInstruction> = fc.record({
  opcode: byte,
  rd: byte,
  ra: byte,
  rb: byte,
  imm: word,
});
/** Mostly opcodes that exist, so that random code gets somewhere. */
const likelyInstruction = fc
  .tuple(
    anyInstruction,
    fc.constantFrom(0x01, 0x02, 0x03, 0x04, 0x05, ...Object.values(INSTRUCTIONS).map(({ opcode }) => opcode)),
  )
  .map(([instruction, opcode]) => ({ ...instruction, opcode }));

const code = (...instructions: Partial<MachineInstruction>[]): Uint8Array =>
  encodeMicrocode(instructions.map((fields) => ({ opcode: 0, rd: 0, ra: 0, rb: 0, imm: 0, ...fields })));

describe('microcode', () => {
  test('survives encoding and decoding, in both directions', () => {
    fc.assert(
      fc.property(
        fc.array(anyInstruction, { maxLength: 20 }),
        fc.uint8Array({ maxLength: 100 }),
        (instructions, bytes) => {
          expect(decodeMicrocode(encodeMicrocode(instructions))).toEqual(instructions);
          const whole = bytes.subarray(0, bytes.length - (bytes.length % 8));
          expect([...encodeMicrocode(decodeMicrocode(bytes))]).toEqual([...whole]);
        },
      ),
    );
  });

  test('has opcode, rd, ra, rb and a big-endian immediate', () => {
    expect([...encodeMicrocode([{ opcode: 1, rd: 2, ra: 3, rb: 4, imm: 0x05060708 }])]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test('is listed with mnemonics and labels, whatever it is', () => {
    const listing = disassemble(
      code(
        { opcode: MACHINE_OPCODES.li, rd: 2, imm: 10 },
        { opcode: INSTRUCTIONS.iadd.opcode, rd: 3, ra: 3, rb: IMMEDIATE, imm: 4 },
        { opcode: MACHINE_OPCODES.loadf, rd: 4, ra: 3, imm: 1 },
        { opcode: INSTRUCTIONS.fma.opcode, rd: 5, ra: 4, rb: 4, imm: 5 },
        { opcode: MACHINE_OPCODES.loop, rd: 2, rb: 1, imm: 12 },
      ),
    );
    expect(listing).toEqual([
      '   0  li        r2, 0xa',
      'L1:',
      '   1  iadd      r3, r3, 0x4',
      '   2  loadf     r4, slot1[r3]',
      '   3  fma       r5, r4, r4, r5',
      '   4  loop      r2, 12, L1',
    ]);
    fc.assert(fc.property(anyInstruction, (instruction) => disassembleInstruction(instruction).length > 0));
  });
});

describe('the machine', () => {
  test('executes every scalar instruction by the table, from registers and with an immediate', () => {
    const scalars = Object.entries(INSTRUCTIONS) as [string, Instruction][];
    fc.assert(
      fc.property(fc.constantFrom(...scalars), word, word, word, ([name, { opcode, args, result }], a, b, c) => {
        const bits = new Uint32Array([a, b, c]);
        const value = (at: number) => {
          if (args[at] !== 'f32') return bits[at]! | 0;
          return new Float32Array(bits.buffer)[at]!;
        };
        const scalar: Instruction = INSTRUCTIONS[name as keyof typeof INSTRUCTIONS];
        const outcome = scalar.evaluate(value(0), value(1), value(2));
        const stored = new Float32Array([outcome]);
        const wanted =
          result === 'f32' ? (Number.isNaN(outcome) ? 0x7fc00000 : new Uint32Array(stored.buffer)[0]!) : outcome >>> 0;
        // The one instruction that copies bits: it has no type.
        const expected = opcode === INSTRUCTIONS.iselect.opcode ? (a !== 0 ? b : c) : wanted;

        const state = startState(0, 0);
        state.registers.set([a, b, c], 4);
        stepMachine(createMachine(code({ opcode, rd: 9, ra: 4, rb: 5, imm: 6 }), []), state);
        expect(state.registers[9]).toBe(expected);
        expect(state.pc).toBe(1);
        if (args.length !== 2) return;
        const again = startState(0, 0);
        again.registers[4] = a;
        stepMachine(createMachine(code({ opcode, rd: 9, ra: 4, rb: IMMEDIATE, imm: b }), []), again);
        expect(again.registers[9]).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('is total: random code never throws, and keeps its registers and counter in 32 bits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyInstruction, likelyInstruction), { maxLength: 30 }),
        word,
        word,
        fc.array(word, { maxLength: 5 }),
        (instructions, element, step, words) => {
          const machine = createMachine(encodeMicrocode(instructions), [Uint32Array.from(words)]);
          const state = startState(element, step);
          for (let count = 0; count < 200; count++) {
            const before = { pc: state.pc, registers: state.registers.slice() };
            if (stepMachine(machine, state)) continue;
            expect(state).toEqual(before);
            break;
          }
          expect(state.pc).toBeLessThanOrEqual(Math.max(255, instructions.length));
          expect(encodeMachineState(state)).toHaveLength(MACHINE_STATE_BYTES);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('steps to itself on halt, on opcodes that do not exist and past the end', () => {
    const unknown = Array.from({ length: 256 }, (_, opcode) => opcode).filter(
      (opcode) => SCALAR_BY_OPCODE[opcode] === undefined && !(opcode >= 1 && opcode <= 5),
    );
    for (const opcode of unknown) {
      const state = startState(3, 4);
      runMachine(createMachine(code({ opcode, rd: 1, ra: 2, rb: 3, imm: 4 }), []), state, 0xffffffff);
      expect(state).toEqual(startState(3, 4));
    }
    const state = startState(3, 4);
    state.pc = 0xffffffff;
    expect(stepMachine(createMachine(code({ opcode: MACHINE_OPCODES.li }), []), state)).toBe(false);
  });

  test('loads 0 from outside of an operand and from slots that do not exist', () => {
    const loads = (slot: number, at: number, opcode: number) =>
      runElement(createMachine(code({ opcode, rd: 0, ra: 0, imm: slot }), [Uint32Array.of(0x7f800001, 5)]), at, 0, 1);
    expect(loads(0, 0, MACHINE_OPCODES.loadi)).toBe(0x7f800001);
    expect(loads(0, 0, MACHINE_OPCODES.loadf)).toBe(0x7fc00000);
    expect(loads(0, 1, MACHINE_OPCODES.loadf)).toBe(5);
    for (const at of [2, 0x7fffffff, 0x80000000, 0xffffffff]) expect(loads(0, at, MACHINE_OPCODES.loadi)).toBe(0);
    for (const slot of [1, 8, 0xffffffff]) expect(loads(slot, 0, MACHINE_OPCODES.loadi)).toBe(0);
  });

  test('loops while the counter is below the limit, without sign', () => {
    const state = startState(0, 0);
    const program = code(
      { opcode: MACHINE_OPCODES.li, rd: 2, imm: 0xfffffffd },
      { opcode: MACHINE_OPCODES.loop, rd: 2, rb: 1, imm: 0xffffffff },
    );
    runMachine(createMachine(program, []), state, 100);
    expect(state.pc).toBe(2);
    expect(state.registers[2]).toBe(0xffffffff);
  });

  test('hashes its counter and registers as 132 big-endian bytes', () => {
    const state = startState(0x01020304, 7);
    state.pc = 0x0a;
    const bytes = encodeMachineState(state);
    expect([...bytes.subarray(0, 12)]).toEqual([0, 0, 0, 10, 1, 2, 3, 4, 0, 0, 0, 7]);
    expect(bytes.subarray(12).every((value) => value === 0)).toBe(true);
    expect(hashMachineState(state)).toEqual(keccak256(bytes));
  });
});
