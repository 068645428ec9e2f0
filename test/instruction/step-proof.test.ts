import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startAnvil } from '../../src/chain/anvil.js';
import { deployReferee } from '../../src/chain/execute-step.js';
import { bytesToHex, type Hash } from '../../src/commitments/hash.js';
import { blake3Words } from '../../src/commitments/hasher.js';
import { merkleRoot, verifyOpening } from '../../src/commitments/merkle.js';
import { verifyWordOpening, wordsOfChunkList } from '../../src/commitments/tensor-tree.js';
import { isGensynError } from '../../src/errors/index.js';
import { outputWords } from '../../src/expr/operator.js';
import { isForeignNaN } from '../../src/numerics/float32.js';
import { statesOfElement } from '../../src/program/element-states.js';
import { executeStep } from '../../src/program/execute-step.js';
import { operatorLeaves, packSlot } from '../../src/program/hash.js';
import { type Program, SLOT_KINDS, type Slot } from '../../src/program/program.js';
import { loadTarget, proveStep, type StepHashes, type StepProof } from '../../src/program/step-proof.js';
import { decodeMicrocode } from '../../src/referee/codec.js';
import { identity, matrixVector, total } from '../program/sample-program.js';

const ROWS = 5;
const COLUMNS = 700;

/** Every kind of slot, with operands of several chunks, the last one partial. */
const program: Program = {
  arithmeticVersion: 1,
  operators: [
    { operator: identity(COLUMNS), slots: [{ kind: 'constant', index: 1 }], label: 'input' },
    {
      operator: matrixVector(ROWS, COLUMNS),
      slots: [
        { kind: 'state', index: 2 },
        { kind: 'temporary', index: 0 },
      ],
      label: 'dense/forward',
    },
    { operator: total(ROWS), slots: [{ kind: 'temporary', index: 1 }], label: 'loss' },
    ...[3, 1, ROWS * COLUMNS].map((words, index) => ({
      operator: identity(words),
      slots: [{ kind: 'state', index } as const],
      label: 'next',
    })),
  ],
  state: [3, 1, ROWS * COLUMNS].map((words, at) => ({ name: `s${at}`, dtype: 'f32', shape: [words] })),
  constants: [2, COLUMNS].map((words, at) => ({ name: `c${at}`, dtype: 'f32', shape: [words] })),
  results: {},
};

/** Numbers, and the odd NaN with a payload, as a liar's tensor may hold. */
function tensor(words: number, seed: number): Uint32Array {
  return Uint32Array.from(
    { length: words },
    (_, at) => (Math.imul(at + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) >>> 0,
  );
}

const tensors = {
  temporary: [COLUMNS, ROWS, 1].map((words, at) => tensor(words, at)),
  state: [3, 1, ROWS * COLUMNS].map((words, at) => tensor(words, 10 + at)),
  constant: [2, COLUMNS].map((words, at) => tensor(words, 20 + at)),
};
const hashes: StepHashes = {
  temporaries: tensors.temporary.map(blake3Words),
  states: tensors.state.map(blake3Words),
  constants: tensors.constant.map(blake3Words),
};

interface Place {
  readonly operator: number;
  readonly element: number;
  readonly at: number;
}

function proofAt({ operator, element, at }: Place, of: Program = program) {
  const operands = of.operators[operator]!.slots.map(({ kind, index }) => tensors[kind][index]!);
  const states = statesOfElement({ program: of, operator, element, step: 7, operands });
  const index = Math.min(at, states.count - 1);
  const before = states.stateAt(index);
  const proof = proveStep({ program: of, operator, operands, hashes, before });
  return { proof, operands, before, next: states.hashesAt([index + 1])[0]! };
}

const places = fc.record({ operator: fc.nat(5), element: fc.nat(), at: fc.nat(2500) }).map((place) => ({
  ...place,
  element: place.element % outputWords(program.operators[place.operator]!.operator),
}));

/** The instruction that loads from slot 0 of the matrix product. */
function loadPlace(of: Program = program): Place {
  for (let at = 0; ; at++) {
    const { proof, before } = proofAt({ operator: 1, element: 3, at }, of);
    const load = loadTarget(decodeMicrocode(proof.code)[before.pc], before);
    if (load?.slot === 0) return { operator: 1, element: 3, at };
  }
}

function nextOf(proof: StepProof): string {
  const outcome = executeStep(proof);
  return outcome.refusal ?? bytesToHex(outcome.nextHash);
}

describe('the proof of an instruction', () => {
  test('is accepted, and its result is the next state of the machine', () => {
    fc.assert(
      fc.property(places, (place) => {
        const { proof, next } = proofAt(place);
        expect(nextOf(proof)).toBe(bytesToHex(next));
      }),
      { numRuns: 150 },
    );
  });

  test('opens the operand in its tree and the word in the operand', () => {
    fc.assert(
      fc.property(places, (place) => {
        const { proof, operands, before } = proofAt(place);
        const load = loadTarget(decodeMicrocode(proof.code)[before.pc], before);
        const { tensor: leaf, tensorSiblings, chunk, chunkSiblings: siblings } = proof.operand;
        if (load === undefined) {
          expect(chunk.length + siblings.length + tensorSiblings.length).toBe(0);
          return;
        }
        const { kind, index } = program.operators[place.operator]!.slots[load.slot]!;
        const { temporaryRoot, stateRoot, constantRoot } = proof.frame;
        const root = [temporaryRoot, stateRoot, constantRoot][SLOT_KINDS[kind]]!;
        expect(verifyOpening(root, tensors[kind].length, index, leaf, tensorSiblings)).toBe(true);
        const words = operands[load.slot]!;
        const opening = { chunk: wordsOfChunkList(chunk, words.length, Math.floor(load.index / 256))!, siblings };
        expect(verifyWordOpening(leaf, words.length, load.index, words[load.index]!, opening)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('binds the operator to the tree of operators', () => {
    const { proof } = proofAt({ operator: 1, element: 0, at: 0 });
    expect(operatorLeaves(program)[1]).toEqual(proof.frame.operatorLeaf);
    expect(merkleRoot(hashes.states)).toEqual(proof.frame.stateRoot);
  });

  test('makes a NaN with a payload canonical, as the machine does', () => {
    const words = tensors.constant[1]!;
    const element = words.findIndex(isForeignNaN);
    expect(element).toBeGreaterThanOrEqual(0);
    const { proof, next } = proofAt({ operator: 0, element, at: 0 });
    expect(nextOf(proof)).toBe(bytesToHex(next));
  });
});

describe('an altered proof', () => {
  const { proof } = proofAt(loadPlace());
  const { frame, operator, operand } = proof;
  const flipped = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
  const flippedAt = (list: readonly Hash[], at: number): Hash[] =>
    list.map((hash, index) => (index === at ? flipped(hash) : hash));
  const withFrame = (change: Partial<StepProof['frame']>): StepProof => ({ ...proof, frame: { ...frame, ...change } });
  const withOperand = (change: Partial<StepProof['operand']>): StepProof => ({
    ...proof,
    operand: { ...operand, ...change },
  });
  const withOperator = (change: Partial<StepProof['operator']>): StepProof => ({
    ...proof,
    operator: { ...operator, ...change },
  });

  const last = proofAt({ operator: 0, element: COLUMNS - 1, at: 0 }).proof;
  const filled = flippedAt(last.operand.chunk, last.operand.chunk.length - 1);

  const alterations: [string, StepProof, string][] = [
    ['the leaf', withFrame({ operatorLeaf: flipped(frame.operatorLeaf) }), 'WrongOperator'],
    ['the hash of the state', withFrame({ state: flipped(frame.state) }), 'WrongState'],
    ['the root of the states', withFrame({ stateRoot: flipped(frame.stateRoot) }), 'WrongRoot'],
    ['the number of states', withFrame({ states: frame.states + 1 }), 'WrongSiblingCount'],
    ['the code hash', withOperator({ code: flipped(operator.code) }), 'WrongOperator'],
    ['N', withOperator({ instructions: operator.instructions + 1 }), 'WrongOperator'],
    ['the output length', withOperator({ words: operator.words + 1 }), 'WrongOperator'],
    ['a slot', withOperator({ slots: operator.slots.map((slot) => slot ^ 1n) }), 'WrongOperator'],
    ['the number of slots', withOperator({ slots: new Array<bigint>(9).fill(0n) }), 'TooManySlots'],
    ['a register', { ...proof, state: flipped(proof.state) }, 'WrongState'],
    ['the state’s length', { ...proof, state: proof.state.slice(1) }, 'WrongStateLength'],
    ['an instruction', { ...proof, code: flipped(proof.code) }, 'WrongCode'],
    ['the code’s length', { ...proof, code: new Uint8Array(2056) }, 'CodeTooLong'],
    ['the operand', withOperand({ tensor: flipped(operand.tensor) }), 'WrongRoot'],
    ['a sibling of the operand', withOperand({ tensorSiblings: flippedAt(operand.tensorSiblings, 0) }), 'WrongRoot'],
    ['the number of those', withOperand({ tensorSiblings: operand.tensorSiblings.slice(1) }), 'WrongSiblingCount'],
    ['a word of the chunk', withOperand({ chunk: flippedAt(operand.chunk, 5) }), 'WrongTensor'],
    ['the chunk’s length', withOperand({ chunk: operand.chunk.slice(1) }), 'WrongEntryCount'],
    ['a sibling of the chunk', withOperand({ chunkSiblings: flippedAt(operand.chunkSiblings, 2) }), 'WrongTensor'],
    [
      'the number of those',
      withOperand({ chunkSiblings: [...operand.chunkSiblings, frame.state] }),
      'WrongChunkSiblingCount',
    ],
    ['the fill of the last chunk', { ...last, operand: { ...last.operand, chunk: filled } }, 'NonZeroPadding'],
  ];

  test.each(alterations)('in %s is refused', (_, altered, refusal) => {
    expect(executeStep(altered)).toEqual({ refusal });
  });

  test('is refused by the contract for the same reason, and the honest ones are executed alike', async () => {
    const anvil = await startAnvil();
    try {
      const referee = await deployReferee(anvil.url);
      for (const [what, altered, refusal] of alterations) {
        const error = await referee.execute(altered).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (!isGensynError(error, 'chain.proof-refused')) throw new Error(what);
        expect({ what, error: error.data['error'] }).toEqual({ what, error: refusal });
      }
      await fc.assert(
        fc.asyncProperty(places, async (place) => {
          const honest = proofAt(place).proof;
          expect(bytesToHex((await referee.execute(honest)).nextHash)).toBe(nextOf(honest));
        }),
        { numRuns: 40 },
      );
    } finally {
      await anvil.stop();
    }
  }, 30_000);
});

describe('a load that no operand answers', () => {
  /** The program with another source for the matrix. */
  function reading(slot: Slot): Program {
    const operators = program.operators.map((entry, at) =>
      at === 1 ? { ...entry, slots: [slot, entry.slots[1]!] } : entry,
    );
    return { ...program, operators };
  }

  test.each<[string, Slot]>([
    ['a temporary that is not there yet', { kind: 'temporary', index: 1 }],
    ['a tensor that does not exist', { kind: 'constant', index: 2 }],
  ])('(%s) gives 0 without a proof', (_, slot) => {
    const { proof } = proofAt(loadPlace());
    const code = decodeMicrocode(proof.code);
    const before = proofAt(loadPlace()).before;
    const of = reading(slot);
    const operands = [new Uint32Array(ROWS * COLUMNS), tensors.temporary[0]!];
    const forged =
      slot.kind === 'temporary'
        ? proveStep({ program: of, operator: 1, operands, hashes, before })
        : withSlot(proof, slot);
    const outcome = executeStep(forged);
    if (outcome.refusal !== null) throw new Error(outcome.refusal);
    expect(outcome.next.registers[code[before.pc]!.rd]).toBe(0);
  });

  /** The same proof for an operator whose leaf names a tensor that does not exist. */
  function withSlot(proof: StepProof, slot: Slot): StepProof {
    const slots = [packSlot(slot, ROWS * COLUMNS), proof.operator.slots[1]!];
    const operator = { ...proof.operator, slots };
    const leaf = operatorLeaves({ ...program, operators: reading(slot).operators })[1]!;
    return { ...proof, operator, frame: { ...proof.frame, operatorLeaf: leaf } };
  }
});
