/**
 * The execution of a real job: replays the interval, training step, operator and element that are asked for, and keeps
 * what the next round of a dispute begins with.
 */
import type { Backend, Executor, Words } from '../backends/backend.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import type { Hash } from '../commitments/hash.js';
import { stateRoot } from '../commitments/roots.js';
import { isInMemory, type WordSource } from '../commitments/word-source.js';
import { fail, isGensynError } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { type ElementStates, statesOfElement } from '../program/element-states.js';
import { type Fault, flippedBits, runWithFault } from '../run/fault.js';
import { type ObservedOperator, observeOperator } from '../run/observe-operator.js';
import { BoundedCache } from './bounded-cache.js';
import type { ElementPlace, Execution, OperatorPlace } from './execution.js';

/** A state that is stored, and read only when a replay begins with it. */
export interface StartState {
  /** Training steps done. */
  readonly step: number;
  readonly load: () => Promise<readonly Words[]>;
}

export interface RunExecutionParameters {
  readonly bundle: Bundle;
  /** States that this side believes, in any order. A challenger names none beyond the one the dispute begins with. */
  readonly starts: readonly StartState[];
  /** The run's own drill, which all its answers repeat. */
  readonly fault: Fault | null;
  readonly backend: Backend;
  readonly threads: number;
}

/** An execution that holds an executor until it is disposed of. */
export interface RunExecution extends Execution {
  dispose(): Promise<void>;
}

/** Words of states and of operators' outputs that are kept: 256 MiB each at most. */
const MAX_KEPT_WORDS = 2 ** 26;
/** Elements whose machine states are kept: those of a few games. */
const MAX_KEPT_ELEMENTS = 16;

/** Opens the execution. Its calls may overlap: they wait for each other. */
export async function runExecution(parameters: RunExecutionParameters): Promise<RunExecution> {
  const { bundle, backend, threads } = parameters;
  const executor = await prepareExecutor(backend, bundle.program, bundle.constants, { threads });
  const replay = new Replay(parameters, executor);
  return {
    bundle,
    stateRootsAt: (states) => replay.exclusively(() => replay.stateRootsAt(states)),
    stateHashes: (state) => replay.exclusively(() => replay.stateHashes(state)),
    temporaryHashes: (step) =>
      replay.exclusively(async () => (await replay.observe({ step, operator: 0 })).temporaryHashes),
    tensorWords: (place) => replay.exclusively(async () => (await replay.observe(place)).output),
    operandsOf: (place) => replay.exclusively(async () => (await replay.observe(place)).operands),
    elementStates: (place) => replay.exclusively(() => replay.elementStates(place)),
    dispose: () => replay.exclusively(() => executor.dispose()),
  };
}

class Replay {
  readonly #parameters: RunExecutionParameters;
  readonly #executor: Executor;
  readonly #states = new BoundedCache<number, readonly Words[]>(MAX_KEPT_WORDS, wordsIn);
  readonly #hashes = new Map<number, readonly Hash[]>();
  readonly #observed = new BoundedCache<string, ObservedOperator>(MAX_KEPT_WORDS, ({ operands, output }) =>
    wordsIn([...operands, output]),
  );
  readonly #elements = new BoundedCache<string, ElementStates>(MAX_KEPT_ELEMENTS, () => 1);
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parameters: RunExecutionParameters, executor: Executor) {
    this.#parameters = parameters;
    this.#executor = executor;
  }

  /** One call at a time: an executor has one state. */
  exclusively<Value>(call: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(call);
    this.#queue = result.catch(() => {});
    return result;
  }

  async stateRootsAt(states: readonly number[]): Promise<Hash[]> {
    const roots: Hash[] = [];
    for (const state of states) roots.push(stateRoot(await this.stateHashes(state)));
    return roots;
  }

  async stateHashes(state: number): Promise<readonly Hash[]> {
    const known = this.#hashes.get(state);
    if (known !== undefined) return known;
    await this.#standAt(state);
    const hashes = await this.#executor.hashState();
    this.#hashes.set(state, hashes);
    return hashes;
  }

  async observe({ step, operator }: OperatorPlace): Promise<ObservedOperator> {
    const key = `${step} ${operator}`;
    const known = this.#observed.get(key);
    if (known !== undefined) return known;
    await this.#standAt(step);
    const { bundle, fault } = this.#parameters;
    const { program, constants } = bundle;
    const observed = await observeOperator({ executor: this.#executor, program, constants, step, operator, fault });
    this.#observed.set(key, observed);
    return observed;
  }

  async elementStates(place: ElementPlace): Promise<ElementStates> {
    const { step, operator, element } = place;
    const key = `${step} ${operator} ${element}`;
    const known = this.#elements.get(key);
    if (known !== undefined) return known;
    const { operands } = await this.observe(place);
    const { bundle, fault } = this.#parameters;
    const resultFlip = flippedBits(fault, place);
    const states = statesOfElement({ program: bundle.program, operator, element, step, operands, resultFlip });
    this.#elements.set(key, states);
    return states;
  }

  /** Brings the executor to a state, from the nearest one that is kept or stored, and keeps it. */
  async #standAt(state: number): Promise<void> {
    const from = await this.#nearest(state);
    await this.#executor.writeState(from.words);
    if (from.state === state) return;
    await runWithFault(this.#executor, from.state, state - from.state, this.#parameters.fault);
    this.#states.set(state, await this.#executor.readState());
  }

  /** A stored state that cannot be read is passed over where an earlier one can: a clock runs, and a longer replay is right, too. */
  async #nearest(state: number): Promise<{ state: number; words: readonly Words[] }> {
    const starts = this.#parameters.starts.filter(({ step }) => step <= state).toSorted((a, b) => b.step - a.step);
    const kept = Math.max(...[...this.#states.keys()].filter((at) => at <= state), -1);
    let unread: unknown = fail('game.no-state', { wanted: state });
    for (const { step, load } of starts) {
      if (kept >= step) break;
      try {
        const words = await load();
        this.#states.set(step, words);
        return { state: step, words };
      } catch (error) {
        if (!isGensynError(error)) throw error;
        unread = error;
      }
    }
    if (kept < 0) throw unread;
    return { state: kept, words: this.#states.get(kept)! };
  }
}

/** Words in a file take no memory. */
function wordsIn(tensors: readonly WordSource[]): number {
  return tensors.reduce((total, words) => total + (isInMemory(words) ? words.length : 0), 0);
}
