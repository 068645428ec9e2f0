/** What the referee reads: microcode, machine states, and the proof of one instruction. */
import { equalHashes, type Hash } from '../../../src/commitments/hash.js';
import { outputWords } from '../../../src/expr/operator.js';
import type { Context } from '../../../src/game/context.js';
import type { ProveMove } from '../../../src/game/game.js';
import { toyExecution } from '../../../src/game/toy-execution.js';
import { decodeState, executeStep } from '../../../src/program/execute-step.js';
import { proveStep, type StepProof } from '../../../src/program/step-proof.js';
import { decodeMicrocode, encodeMicrocode } from '../../../src/referee/codec.js';
import { disassemble } from '../../../src/referee/disassemble.js';
import {
  createMachine,
  encodeMachineState,
  type MachineState,
  startState,
  stepMachine,
} from '../../../src/referee/machine.js';
import { INSTRUCTION_BYTES, MAX_INSTRUCTIONS } from '../../../src/referee/machine-instructions.js';
import { alteredProof } from '../../../test/game/support/alter-move.js';
import { seeded } from '../../../test/game/support/random.js';
import { type Random, randomWords } from '../../../test/referee/random-operators.js';
import { showValue } from '../mutate-value.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from '../target.js';
import { TOY_STEPS, toyBundle } from '../toy-run.js';

export const MACHINE_TARGETS: readonly Target[] = [
  defineTarget({ name: 'microcode', bounds: { milliseconds: 250 }, open: async () => microcode }),
  defineTarget({ name: 'step-proof', bounds: { milliseconds: 250 }, open: stepProofs }),
];

const STEPS = 300;
const NO_PLACE = {} as Context;

interface Code {
  readonly code: Uint8Array;
  readonly start: MachineState;
}

/** Every sequence of bytes is a program: it has one encoding, a listing, and runs without a fault. */
const microcode: Fuzzer<Code> = {
  make: (random) => ({
    code: Uint8Array.from({ length: random.below(2 * INSTRUCTION_BYTES * MAX_INSTRUCTIONS) }, () =>
      random.below(random.below(2) === 0 ? 70 : 256),
    ),
    start: { ...startState(0, 0), registers: randomWords(random, 32) },
  }),
  check: ({ code, start }): Outcome => {
    const whole = code.subarray(0, code.length - (code.length % INSTRUCTION_BYTES));
    if (Buffer.compare(encodeMicrocode(decodeMicrocode(code)), whole) !== 0) throw new Error('another encoding');
    disassemble(code);
    const state = { pc: start.pc, registers: start.registers.slice() };
    const machine = createMachine(code, [Uint32Array.of(1, 2, 0xffffffff), new Uint32Array(0)]);
    for (let step = 0; step < STEPS && stepMachine(machine, state); step++) requireState(state);
    return 'accepted';
  },
  show: ({ code }) => code,
};

/** A state is 33 words, whatever an instruction did. */
function requireState(state: MachineState): void {
  const again = decodeState(encodeMachineState(state));
  const isSame = again.pc === state.pc && again.registers.every((word, at) => word === state.registers[at]);
  if (!isSame) throw new Error(`the state ${showValue(state)} is not what its encoding says`);
}

interface Claimed {
  readonly proof: StepProof;
  /** What the honest proof gives. */
  readonly next: Hash;
}

/** A proof that was changed is refused, or gives what the honest one gives: the frame binds all that decides. */
async function stepProofs(): Promise<Fuzzer<Claimed>> {
  const honest = await honestProofs();
  return {
    make: (random) => {
      const { proof, next } = honest[random.below(honest.length)]!;
      return { proof: changedProof(random, proof), next };
    },
    check: ({ proof, next }): Outcome => {
      const outcome = executeStep(proof);
      if (outcome.refusal !== null) return 'refused';
      if (!equalHashes(outcome.nextHash, next)) throw new Error('a changed proof gives another next state');
      return 'accepted';
    },
    show: ({ proof }) => showValue(proof),
  };
}

/** Proofs of the first instructions of an element of every operator of the toy job. */
async function honestProofs(): Promise<Claimed[]> {
  const execution = toyExecution(toyBundle());
  const { bundle } = execution;
  const step = TOY_STEPS - 1;
  const hashes = {
    temporaries: await execution.temporaryHashes(step),
    states: await execution.stateHashes(step),
    constants: bundle.hashes.constants,
  };
  const proofs: Claimed[] = [];
  for (const [operator, { operator: definition }] of bundle.program.operators.entries()) {
    const element = outputWords(definition) - 1;
    const states = await execution.elementStates({ step, operator, element });
    const operands = await execution.operandsOf({ step, operator });
    for (let at = 0; at < Math.min(states.count, 12); at++) {
      const proof = proveStep({ program: bundle.program, operator, operands, hashes, before: states.stateAt(at) });
      proofs.push({ proof, next: states.hashesAt([at + 1])[0]! });
    }
  }
  return proofs;
}

/** Up to three changes to what a player brings; the frame is the game's. */
function changedProof(random: Random, { frame, ...brought }: StepProof): StepProof {
  const chance = seeded(random.below(2 ** 31));
  // The place in the game decides nothing here.
  let move: ProveMove = { kind: 'prove', from: 'solver', context: NO_PLACE, ...brought };
  for (let changes = random.below(4); changes > 0; changes--) move = alteredProof(move, chance);
  const { operator, state, code, operand } = move;
  return { frame, operator, state, code, operand };
}
