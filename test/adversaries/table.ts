/** Cheats as data: what a lying solver claims, how he plays it, and how it ends. Every row is played on the chain. */
import type { Words } from '../../src/backends/backend.js';
import { stateRoot } from '../../src/commitments/roots.js';
import { outputWords } from '../../src/expr/operator.js';
import type { Execution } from '../../src/game/execution.js';
import type { Ending } from '../../src/game/game.js';
import { toyExecution } from '../../src/game/toy-execution.js';
import type { ToyJobParameters } from '../../src/game/toy-job.js';
import { temporaryCount } from '../../src/program/program.js';
import {
  alteringLists,
  garbage,
  wrongMachine,
  wrongOutput,
  wrongRoots,
  wrongTensorHash,
} from '../game/support/liars.js';
import { seeded } from '../game/support/random.js';
import { toy } from '../game/support/toys.js';
import { evenly, silent, untilTheLastSecond } from './support/manners.js';
import type { Performer } from './support/stage.js';

export interface Cheat {
  readonly name: string;
  readonly shape: ToyJobParameters;
  /** What he computes from, given an honest execution; its roots are what he claims. */
  readonly execution: (honest: Execution) => Execution;
  /** How he plays; by the strategy unless told. */
  readonly manner?: (inner: Performer) => Performer;
  /** Whether he publishes the trace he claims. A verifier without it replays from the genesis and disputes the whole run. */
  readonly trace: 'published' | 'withheld';
  readonly endings: readonly Ending[];
}

/** Few intervals, of which one needs two rounds; a tensor of two chunks; a fold. */
const SHORT: ToyJobParameters = { steps: 70, checkpointEvery: 64 };
/** Every state is a leaf: blocks of eight over the whole run. */
const DENSE: ToyJobParameters = { steps: 40, checkpointEvery: 1, width: 20 };
/** Two rounds of operators. */
const WIDE: ToyJobParameters = { steps: 5, checkpointEvery: 4, width: 600, extra: 70 };

const LOSS = 3;
const at = (operator: number, element = 0) => ({ step: 37, operator, element, bit: 20 });
const flipped = (operator: number, element?: number) => (honest: Execution) =>
  wrongOutput(honest.bundle, at(operator, element));

function rootCheats(): Cheat[] {
  const { steps } = DENSE;
  const places: [string, number][] = [
    ['first', 1],
    ['middle', 20],
    ['one before the last', steps - 1],
    ['last', steps],
  ];
  const one = places.map(
    ([place, wrong]): Cheat => ({
      name: `one wrong state root, the ${place}`,
      shape: DENSE,
      execution: (honest) => wrongRoots(honest, (state) => state === wrong),
      trace: 'published',
      endings: ['timeout'],
    }),
  );
  // A list over the run has blocks of eight states.
  const rest = [1, 7, 8, 9, 32, steps].map(
    (from): Cheat => ({
      name: `garbage for state roots from ${from} on, with the trace withheld`,
      shape: DENSE,
      execution: (honest) => wrongRoots(honest, (state) => state >= from),
      trace: 'withheld',
      endings: ['timeout'],
    }),
  );
  return [...one, ...rest];
}

/** Every operator of the toy job, which has a map, a matmul, a sum, integers and an identity. */
function operatorCheats(): Cheat[] {
  const { operators } = toy(SHORT).bundle.program;
  return operators.map(({ operator, label }, k) => ({
    name: `one bit of the last element of '${label}' (${operator.kind})`,
    shape: SHORT,
    execution: flipped(k, outputWords(operator) - 1),
    trace: k % 2 === 0 ? 'published' : 'withheld',
    endings: ['proved'],
  }));
}

function machineCheats(): Cheat[] {
  const path = [1, 2, 9].map(
    (from): Cheat => ({
      name: `states of the machine that nothing leads to, from instruction ${from} on`,
      shape: SHORT,
      execution: (honest) => wrongMachine(flipped(LOSS)(honest), from),
      trace: 'published',
      endings: ['proved'],
    }),
  );
  const final: Cheat = {
    name: 'a last machine state with another register altered as well',
    shape: SHORT,
    execution: (honest) => alteredFinalState(flipped(LOSS)(honest)),
    trace: 'published',
    endings: ['proved'],
  };
  return [...path, final];
}

/** The element is what he says, and the state that he shows for it has something else in its last register. */
function alteredFinalState(liar: Execution): Execution {
  const elementStates: Execution['elementStates'] = async (place) => {
    const states = await liar.elementStates(place);
    const stateAt = (index: number) => {
      const state = states.stateAt(index);
      if (index === states.count) state.registers[31]! ^= 1;
      return state;
    };
    return { ...states, stateAt };
  };
  return { ...liar, elementStates };
}

/** One hash, told to everybody who asks; the words below it are right. */
function wrongTemporary(honest: Execution, temporary: number): Execution {
  const lie = garbage();
  const liar = wrongRoots(honest, (state) => state === honest.bundle.steps);
  return { ...liar, temporaryHashes: async (step) => (await honest.temporaryHashes(step)).with(temporary, lie) };
}

function hashCheats(): Cheat[] {
  const { steps } = SHORT;
  const tensor: Cheat = {
    name: 'the hash of a state tensor whose words are all right',
    shape: SHORT,
    execution: (honest) => wrongTensorHash(honest, steps, 1),
    trace: 'published',
    endings: ['refuted'],
  };
  const temporary: Cheat = {
    name: 'the hash of a temporary whose words are all right',
    shape: WIDE,
    execution: (honest) => wrongTemporary(honest, 2),
    trace: 'withheld',
    endings: ['refuted'],
  };
  const garbage: Cheat = {
    name: 'garbage for every root but the genesis',
    shape: SHORT,
    execution: (honest) => wrongRoots(honest, (state) => state > 0),
    trace: 'published',
    endings: ['timeout'],
  };
  return [tensor, temporary, garbage];
}

/** Somebody who ran another job and claims it for this one. */
function otherRuns(): Cheat[] {
  const fewer: Cheat = {
    name: 'ten training steps too few',
    shape: SHORT,
    execution: (honest) => heldBack(honest, 60),
    trace: 'published',
    endings: ['timeout'],
  };
  const genesis: Cheat = {
    name: 'another genesis state',
    shape: SHORT,
    execution: (honest) => {
      const { bundle } = honest;
      const first = Uint32Array.from(bundle.genesis[0]!);
      first[0]! ^= 1;
      return { ...toyExecution({ ...bundle, genesis: [first, ...bundle.genesis.slice(1)] }), bundle };
    },
    trace: 'published',
    endings: ['proved', 'timeout'],
  };
  return [fewer, genesis];
}

/** Nothing happens any more after some step: every later state is the one before it, as a program of identities leaves it. */
function heldBack(honest: Execution, last: number): Execution {
  const M = temporaryCount(honest.bundle.program);
  const held = (state: number) => Math.min(state, last);
  const wordsOf = (state: number, tensor: number): Promise<Words> =>
    honest.tensorWords({ step: state - 1, operator: M + tensor });
  return {
    ...honest,
    stateRootsAt: async (states) =>
      Promise.all(states.map(async (state) => stateRoot(await honest.stateHashes(held(state))))),
    stateHashes: (state) => honest.stateHashes(held(state)),
    tensorWords: ({ step, operator }) =>
      operator < M ? honest.tensorWords({ step, operator }) : wordsOf(held(step + 1), operator - M),
  };
}

/** True lies, told with every trick that time and lists allow. */
function manners(): Cheat[] {
  const told = (name: string, manner: Cheat['manner'], endings: readonly Ending[]): Cheat => ({
    name,
    shape: SHORT,
    execution: flipped(LOSS),
    ...(manner === undefined ? {} : { manner }),
    trace: 'published',
    endings,
  });
  return [
    told('a lie, and then silence', () => silent, ['timeout']),
    told('a lie, with every move as late as his clock lets him make all of them', (inner) => evenly(inner, 60), [
      'proved',
    ]),
    told('a lie, with the first move in the last second of his clock', untilTheLastSecond, ['timeout']),
    told('a lie, and lists with an entry altered wherever the rules let it pass', altering, [
      'proved',
      'refuted',
      'timeout',
    ]),
  ];
}

function altering(inner: Performer): Performer {
  return alteringLists(inner, seeded(5), 1);
}

export const CHEATS: readonly Cheat[] = [
  ...hashCheats(),
  ...rootCheats(),
  ...operatorCheats(),
  ...machineCheats(),
  ...otherRuns(),
  ...manners(),
];
