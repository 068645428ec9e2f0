import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Contracts, Revert, startContracts } from '../../scripts/contracts/harness.js';
import type { Hex } from '../../src/commitments/hash.js';
import { encodeMicrocode, type MachineInstruction } from '../../src/referee/codec.js';
import type { MachineState } from '../../src/referee/machine.js';
import { MACHINE_OPCODES, REGISTER_COUNT } from '../../src/referee/machine-instructions.js';
import { sampleWords } from '../commitments/samples.js';
import {
  inOrder,
  NO_PROOF,
  nextStateHash,
  proveWord,
  type SlotFields,
  type StepArguments,
  stepArguments,
} from './step-fixture.js';

const SOURCES = [
  [sampleWords(5, 1), sampleWords(600, 2), sampleWords(256, 3), sampleWords(1537, 4), sampleWords(9, 5)],
  [sampleWords(257, 6), sampleWords(1, 7), sampleWords(2049, 8)],
  [sampleWords(1300, 9)],
];
const POSITION = 4;

let contracts: Contracts;
beforeAll(async () => {
  contracts = await startContracts();
});
afterAll(async () => {
  await contracts.stop();
});

const executeStep = (step: StepArguments): Promise<Hex> => contracts.referee('executeStep', inOrder(step));

/** A load of word `word` by `loadi r1, slot[imm][r2]`. */
function loadStep(slots: readonly SlotFields[], imm: number, word: number, opcode: number = MACHINE_OPCODES.loadi) {
  const code = encodeMicrocode([halt, { ...halt, opcode, rd: 1, ra: 2, imm }]);
  const registers = Uint32Array.from({ length: REGISTER_COUNT }, (_, register) => 1000 + register);
  registers[2] = word;
  const state: MachineState = { pc: 1, registers };
  return { code, state, step: stepArguments({ sources: SOURCES, slots, code, state, position: POSITION }) };
}

const halt: MachineInstruction = { opcode: 0, rd: 0, ra: 0, rb: 0, imm: 0 };

/** A slot on a tensor as it is. */
function slotOn(kind: number, index: number): SlotFields {
  return { kind, index, words: SOURCES[kind]?.[index]?.length ?? 100 };
}

describe('a load', () => {
  test('gives the word of the operand, from every tensor of every kind and at every edge of its chunks', async () => {
    for (const [kind, tensors] of SOURCES.entries()) {
      for (const [index, words] of tensors.entries()) {
        if (kind === 0 && index >= POSITION) continue;
        for (const word of [0, 7, 8, 255, 256, 511, 1023, 1024, words.length - 1]) {
          if (word >= words.length) continue;
          const { code, state, step } = loadStep([slotOn(kind, index)], 0, word);
          const proven = { ...step, operand: proveWord(tensors, index, word) };
          expect(await executeStep(proven)).toBe(nextStateHash(code, [words], state));
        }
      }
    }
  });

  test('is canonical as binary32 and as it is otherwise', async () => {
    const words = Uint32Array.of(0xffffffff, 0x7f800001);
    const sources = [[words], [words], []];
    for (const opcode of [MACHINE_OPCODES.loadf, MACHINE_OPCODES.loadi]) {
      const { code, state } = loadStep([], 0, 0, opcode);
      const slots = [{ kind: 1, index: 0, words: 2 }];
      for (const word of [0, 1]) {
        state.registers[2] = word;
        const step = stepArguments({ sources, slots, code, state, position: 0 });
        const proven = { ...step, operand: proveWord([words], 0, word) };
        expect(await executeStep(proven)).toBe(nextStateHash(code, [words], state));
      }
    }
  });

  test.each([
    ['the slot does not exist', [slotOn(1, 0)], 1, 0],
    ['the slot is far beyond all', [slotOn(1, 0)], 0xffffffff, 0],
    ['the index is at the end', [slotOn(1, 0)], 0, 257],
    ['the index is far beyond the end', [slotOn(1, 0)], 0, 0xffffffff],
    ['the operand is empty', [{ kind: 1, index: 1, words: 0 }], 0, 0],
    ['a temporary is not written yet', [slotOn(0, POSITION)], 0, 0],
    ['a temporary does not exist', [slotOn(0, 5)], 0, 0],
    ['a state tensor does not exist', [slotOn(1, 3)], 0, 0],
    ['a constant does not exist', [slotOn(2, 1)], 0, 0],
    ['the kind does not exist', [slotOn(3, 0)], 0, 0],
    ['the highest bits of a slot are not zero', [{ kind: 2 ** 40, index: 0, words: 5 }], 0, 0],
  ] as const)('gives 0 without a proof where %s', async (_, slots, imm, word) => {
    const { code, state, step } = loadStep(slots, imm, word);
    expect(await executeStep(step)).toBe(nextStateHash(code, [], state));
  });

  test('by a state operator may read every temporary, and none that does not exist', async () => {
    const { code, state } = loadStep([], 0, 3);
    for (const index of [4, 5]) {
      const step = stepArguments({ sources: SOURCES, slots: [slotOn(0, index)], code, state, position: 7 });
      if (index === 4) {
        const proven = { ...step, operand: proveWord(SOURCES[0]!, index, 3) };
        expect(await executeStep(proven)).toBe(nextStateHash(code, [SOURCES[0]![4]!], state));
        await expectRefusal(step, ['WrongSiblingCount']);
      } else {
        expect(await executeStep(step)).toBe(nextStateHash(code, [], state));
      }
    }
  });
});

describe('everything that is not what the dispute has bound is refused', () => {
  test('each field of frame, operator, state, code and proof, altered', async () => {
    const { step } = loadStep([slotOn(1, 0), slotOn(0, 3)], 1, 1300);
    const valid = { ...step, operand: proveWord(SOURCES[0]!, 3, 1300) };
    const { frame, operator, operand } = valid;
    await executeStep(valid);
    const alterations: [StepArguments, string[]][] = [
      [{ ...valid, frame: { ...frame, operatorLeaf: flip(frame.operatorLeaf) } }, ['WrongOperator']],
      [{ ...valid, frame: { ...frame, state: flip(frame.state) } }, ['WrongState']],
      [{ ...valid, frame: { ...frame, temporaryRoot: flip(frame.temporaryRoot) } }, ['WrongRoot']],
      [{ ...valid, operator: { ...operator, code: flip(operator.code) } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, instructions: 8 } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, words: 12 } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, slots: operator.slots.slice(1) } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, slots: [...operator.slots, 0n] } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, slots: operator.slots.map((slot) => slot + 1n) } }, ['WrongOperator']],
      [{ ...valid, operator: { ...operator, slots: Array<bigint>(9).fill(0n) } }, ['TooManySlots']],
      [{ ...valid, code: flip(valid.code) }, ['WrongCode']],
      [{ ...valid, code: `${valid.code}00` }, ['WrongCode']],
      [{ ...valid, code: '0x' }, ['WrongCode']],
      [{ ...valid, code: `0x${'00'.repeat(2049)}` }, ['CodeTooLong']],
      [{ ...valid, state: `${valid.state}00` }, ['WrongStateLength']],
      [{ ...valid, state: '0x' }, ['WrongStateLength']],
      [{ ...valid, state: valid.state.slice(0, -2) as Hex }, ['WrongStateLength']],
      [{ ...valid, operand: NO_PROOF }, ['WrongSiblingCount']],
      [{ ...valid, operand: { ...operand, tensor: flip(operand.tensor) } }, ['WrongRoot']],
      ...lists(operand.tensorSiblings).map(([tensorSiblings, isLength]): [StepArguments, string[]] => [
        { ...valid, operand: { ...operand, tensorSiblings } },
        [isLength ? 'WrongSiblingCount' : 'WrongRoot'],
      ]),
      ...lists(operand.chunk).map(([chunk, isLength]): [StepArguments, string[]] => [
        { ...valid, operand: { ...operand, chunk } },
        [isLength ? 'WrongEntryCount' : 'WrongTensor'],
      ]),
      ...lists(operand.chunkSiblings).map(([chunkSiblings, isLength]): [StepArguments, string[]] => [
        { ...valid, operand: { ...operand, chunkSiblings } },
        [isLength ? 'WrongChunkSiblingCount' : 'WrongTensor'],
      ]),
      ...Array.from({ length: 132 }, (_, at): [StepArguments, string[]] => [
        { ...valid, state: flip(valid.state, at) },
        ['WrongState'],
      ]),
    ];
    for (const [altered, errors] of alterations) await expectRefusal(altered, errors);
  });

  test('a proof for another word, chunk or tensor', async () => {
    const { step } = loadStep([slotOn(1, 2)], 0, 300);
    const tensors = SOURCES[1]!;
    await executeStep({ ...step, operand: proveWord(tensors, 2, 511) });
    await expectRefusal({ ...step, operand: proveWord(tensors, 2, 512) }, ['WrongTensor']);
    await expectRefusal({ ...step, operand: proveWord(tensors, 2, 2048) }, ['WrongEntryCount']);
    await expectRefusal({ ...step, operand: proveWord(tensors, 0, 3) }, ['WrongSiblingCount', 'WrongRoot']);
  });

  test('a short chunk whose padding is not zero, at every length', async () => {
    for (let length = 1; length <= 24; length++) {
      const words = sampleWords(length);
      const tensors = [words];
      const code = encodeMicrocode([{ ...halt, opcode: MACHINE_OPCODES.loadi, imm: 0 }]);
      const state = { pc: 0, registers: new Uint32Array(REGISTER_COUNT) };
      const slots = [{ kind: 1, index: 0, words: length }];
      const step = stepArguments({ sources: [[], tensors, []], slots, code, state, position: 0 });
      const operand = proveWord(tensors, 0, 0);
      await executeStep({ ...step, operand });
      if (length % 8 === 0) continue;
      const last = operand.chunk[operand.chunk.length - 1]!;
      for (let at = 4 * (length % 8); at < 32; at++) {
        const chunk = [...operand.chunk.slice(0, -1), flip(last, at)];
        await expectRefusal({ ...step, operand: { ...operand, chunk } }, ['NonZeroPadding']);
      }
    }
  });

  test('lists that no round can have', async () => {
    const entry = `0x${'11'.repeat(32)}` as const;
    await expectRevert(contracts.referee('listHash', [[], true]), ['EmptyList']);
    await expectRevert(contracts.referee('listHash', [Array<Hex>(33).fill(entry), true]), ['ListTooLong']);
    await expectRevert(contracts.referee('chunkHash', [[entry], 1, 0]), ['NonZeroPadding']);
    await expectRevert(contracts.referee('chunkHash', [[entry], 8, 1]), ['ChunkOutOfRange']);
    await expectRevert(contracts.referee('chunkHash', [[entry], 9, 0]), ['WrongEntryCount']);
    await expectRevert(contracts.referee('chunkHash', [[entry], 0, 0]), ['WrongEntryCount']);
    await expectRevert(contracts.referee('chunkHash', [[entry], 0xffffffff, 0xffffffff]), ['ChunkOutOfRange']);
  });
});

async function expectRefusal(step: StepArguments, errors: readonly string[]): Promise<void> {
  await expectRevert(executeStep(step), errors);
}

async function expectRevert(call: Promise<unknown>, errors: readonly string[]): Promise<void> {
  const outcome = await call.catch((error: unknown) => error);
  if (!(outcome instanceof Revert)) throw new Error(`expected ${errors}, got ${outcome}`);
  expect(errors).toContain(outcome.errorName);
}

/** A hash with bit 0 of byte `at` flipped. */
function flip(hex: Hex, at = 5): Hex {
  const byte = Number.parseInt(hex.slice(2 + 2 * at, 4 + 2 * at), 16) ^ 1;
  return `${hex.slice(0, 2 + 2 * at)}${byte.toString(16).padStart(2, '0')}${hex.slice(4 + 2 * at)}` as Hex;
}

/** A list with one entry altered, for each; without its last entry; with one more. True where the length is wrong. */
function lists(list: readonly Hex[]): [Hex[], boolean][] {
  return [
    ...list.map((_, at): [Hex[], boolean] => [list.map((entry, index) => (index === at ? flip(entry) : entry)), false]),
    [list.slice(0, -1), true],
    [[...list, `0x${'00'.repeat(32)}`], true],
  ];
}
