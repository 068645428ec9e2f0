/**
 * Two runs of one job: walks from the first checkpoint that differs down to the training step, the operator, the element
 * and the instruction, and asks a replay which of the two is right.
 */
import type { Backend, Executor, Words } from '../backends/backend.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import { equalHashes, type Hash, toHex } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import { stateRoot } from '../commitments/roots.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { type Fault, flipping, runWithFault } from '../run/fault.js';
import { type ObservedOperator, observeOperator } from '../run/observe-operator.js';
import { type LoadedRun, leafStep, storedState } from './load-run.js';
import { pinpointInstruction } from './pinpoint-instruction.js';
import type { Divergence } from './verdict.js';
import { wordValue } from './word-value.js';

export interface CompareRunsParameters {
  /** The run under verification. */
  readonly run: LoadedRun;
  /** Another run of the same job. */
  readonly against: LoadedRun;
  readonly backend: Backend;
  readonly threads: number;
}

/** The first divergence of two runs, or `null` where their traces are equal. @throws `run.other-job` */
export async function compareRuns(parameters: CompareRunsParameters): Promise<Divergence | null> {
  const { run, against, backend, threads } = parameters;
  if (run.manifest.jobHash !== against.manifest.jobHash) {
    throw fail('run.other-job', {
      path: against.directory,
      found: against.manifest.jobHash,
      expected: run.manifest.jobHash,
    });
  }
  const leaf = run.leaves.findIndex((root, at) => !equalHashes(root, against.leaves[at]!));
  if (leaf < 0) return null;
  if (leaf === 0) return genesisDivergence(run, against);
  const executor = await prepareExecutor(backend, run.bundle.program, run.bundle.constants, { threads });
  try {
    return await descend(parameters, executor, leaf);
  } finally {
    await executor.dispose();
  }
}

function genesisDivergence(run: LoadedRun, against: LoadedRun): Divergence {
  const expected = run.bundle.hashes.genesisRoot;
  const runIsRight = equalHashes(run.leaves[0]!, expected);
  return {
    checkpoint: 0,
    steps: { from: 0, to: 0 },
    stateRoot: { expected: toHex(expected), claimed: toHex((runIsRight ? against : run).leaves[0]!) },
    wrongRun: runIsRight ? 'against' : equalHashes(against.leaves[0]!, expected) ? 'run' : 'both',
  };
}

/** What one side computes: the definition, with the fault that the run's own manifest owns up to. */
interface Side {
  readonly fault: Fault | null;
}

async function descend(parameters: CompareRunsParameters, executor: Executor, leaf: number): Promise<Divergence> {
  const { run, against } = parameters;
  const [from, to] = [leafStep(run, leaf - 1), leafStep(run, leaf)];
  const start = await commonState(parameters, executor, leaf - 1);
  const replay = new Replay(executor, start, from);

  const honestRoot = stateRoot(await replay.hashesAfter(to, null));
  const runIsWrong = !equalHashes(run.leaves[leaf]!, honestRoot);
  const againstIsWrong = !equalHashes(against.leaves[leaf]!, honestRoot);
  const base: Divergence = {
    checkpoint: leaf,
    steps: { from, to },
    stateRoot: { expected: toHex(honestRoot), claimed: toHex((runIsWrong ? run : against).leaves[leaf]!) },
    wrongRun: runIsWrong ? (againstIsWrong ? 'both' : 'run') : 'against',
  };
  const sides: [Side, Side] = [{ fault: run.manifest.injectFault }, { fault: against.manifest.injectFault }];
  for (const [at, { leaves }] of [run, against].entries()) {
    const replayed = stateRoot(await replay.hashesAfter(to, sides[at]!.fault));
    // A run that cannot say how its wrong state came about: files alone pin no operator.
    if (!equalHashes(replayed, leaves[leaf]!)) return base;
  }
  const step = await firstDifferingStep(replay, sides, from, to);
  return { ...base, step, ...(await firstDifferingOperator(parameters, replay, sides, step)) };
}

/** Executions of one interval from one start state. */
class Replay {
  readonly #executor: Executor;
  readonly #start: readonly Words[];
  readonly #from: number;

  constructor(executor: Executor, start: readonly Words[], from: number) {
    this.#executor = executor;
    this.#start = start;
    this.#from = from;
  }

  /** Hashes of the state before training step `step`. */
  async hashesAfter(step: number, fault: Fault | null): Promise<Hash[]> {
    await this.#runTo(step, fault);
    return this.#executor.hashState();
  }

  /** Shows every operator's output of training step `step`. */
  async observe(step: number, fault: Fault | null, visit: (operator: number, output: Words) => void): Promise<void> {
    await this.#runTo(step, fault);
    await this.#executor.runObserved(step, flipping(fault?.step === step ? fault : null, visit));
  }

  /** What one operator of training step `step` reads and writes when no fault touches it. */
  async operator({ program, constants }: Bundle, step: number, operator: number): Promise<ObservedOperator> {
    await this.#runTo(step, null);
    return observeOperator({ executor: this.#executor, program, constants, step, operator, fault: null });
  }

  async #runTo(step: number, fault: Fault | null): Promise<void> {
    await this.#executor.writeState(this.#start);
    await runWithFault(this.#executor, this.#from, step - this.#from, fault);
  }
}

/** Bisects: the states before `low` agree, those before `high` do not. */
async function firstDifferingStep(replay: Replay, [a, b]: [Side, Side], from: number, to: number): Promise<number> {
  const agree = async (step: number): Promise<boolean> => {
    const mine = await replay.hashesAfter(step, a.fault);
    const theirs = await replay.hashesAfter(step, b.fault);
    return mine.every((hash, at) => equalHashes(hash, theirs[at]!));
  };
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await agree(middle)) low = middle;
    else high = middle;
  }
  return low;
}

async function firstDifferingOperator(
  { run }: CompareRunsParameters,
  replay: Replay,
  [a, b]: [Side, Side],
  step: number,
): Promise<Pick<Divergence, 'operator' | 'element' | 'instruction' | 'expected' | 'claimed'>> {
  const hashes: Hash[] = [];
  await replay.observe(step, a.fault, (_, output) => hashes.push(blake3Words(output)));
  let operator = -1;
  let theirs: Words | null = null;
  await replay.observe(step, b.fault, (k, output) => {
    if (theirs !== null || equalHashes(blake3Words(output), hashes[k]!)) return;
    operator = k;
    theirs = output.slice();
  });
  if (theirs === null) throw new Error(`training step ${step} differs, and none of its operators does`);
  const mine = await outputOf(replay, step, a.fault, operator);
  const right = await replay.operator(run.bundle, step, operator);
  const element = mine.findIndex((word, at) => word !== theirs![at]);
  const { program } = run.bundle;
  const { operator: definition, label } = program.operators[operator]!;
  const expected = right.output[element]!;
  const claimed = mine[element] === expected ? (theirs as Words)[element]! : mine[element]!;
  // Everything before this operator is equal on both sides and honest, and so are its operands.
  const { operands } = right;
  return {
    operator: { index: operator, kind: definition.kind, label },
    element,
    instruction: pinpointInstruction({ program, operator, element, step, operands, expected, claimed }),
    expected: wordValue(expected, definition.dtype),
    claimed: wordValue(claimed, definition.dtype),
  };
}

async function outputOf(replay: Replay, step: number, fault: Fault | null, operator: number): Promise<Words> {
  let found: Words = new Uint32Array(0);
  await replay.observe(step, fault, (k, output) => {
    if (k === operator) found = output.slice();
  });
  return found;
}

/** The state at a leaf on which both traces agree: stored by either, else replayed from the newest one stored before. */
async function commonState(
  { run, against }: CompareRunsParameters,
  executor: Executor,
  leaf: number,
): Promise<readonly Words[]> {
  for (let at = leaf; at > 0; at--) {
    const stored = (await storedState(run, at)) ?? (await storedState(against, at));
    if (stored === null) continue;
    return at === leaf ? stored.state : replayTo(run, executor, stored.state, at, leaf);
  }
  return leaf === 0 ? run.bundle.genesis : replayTo(run, executor, run.bundle.genesis, 0, leaf);
}

async function replayTo(
  run: LoadedRun,
  executor: Executor,
  state: readonly Words[],
  from: number,
  to: number,
): Promise<readonly Words[]> {
  await executor.writeState(state);
  await executor.run(leafStep(run, from), leafStep(run, to) - leafStep(run, from));
  return executor.readState();
}
