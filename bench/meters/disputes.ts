import { performance } from 'node:perf_hooks';
import type { Backend, Words } from '../../src/backends/backend.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import type { Hash } from '../../src/commitments/hash.js';
import { traceRoot } from '../../src/commitments/roots.js';
import { applyMove } from '../../src/game/apply-move.js';
import { PHASES } from '../../src/game/context.js';
import { type Execution, rulesOf } from '../../src/game/execution.js';
import type { Game, Side } from '../../src/game/game.js';
import { type Claim, intervalCount, openGame } from '../../src/game/open-game.js';
import { decideOpening } from '../../src/game/opening.js';
import { runExecution, type StartState } from '../../src/game/run-execution.js';
import { strategy } from '../../src/game/strategy.js';
import type { Bundle } from '../../src/job/bundle.js';
import { resealBundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { type Fault, runWithFault } from '../../src/run/fault.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { fixturePath } from '../repository.js';
import { countingSteps } from './counting-backend.js';

const CLOCK = 1_000_000;
const { prove: PROVE } = PHASES;

/** A run with one wrong bit in its middle, with all its checkpoints in memory. */
interface FaultyRun {
  readonly bundle: Bundle;
  readonly fault: Fault;
  readonly starts: readonly StartState[];
  readonly leaves: readonly Hash[];
}

/**
 * A dispute about a run of the Iris job, from its opening to the proof: what the challenger computes, who holds the
 * checkpoint that the wrong interval begins with. `challenger`: his milliseconds; `steps`: training steps that he replays;
 * `train`: milliseconds of training the run. Finding the interval is not part of it: that is verifying, and it replays
 * the interval once, and once more before the bond is staked. Options: `steps`, `every`.
 */
export async function startDisputeMeter(options: MeterOptions): Promise<Meter> {
  const [steps, every] = [numberOption(options, 'steps'), numberOption(options, 'every')];
  const { bundle: whole } = await compileJobFile(fixturePath('jobs/iris.json'), { steps }, wasmBackend);
  const bundle = resealBundle(whole, { steps, checkpointEvery: every });
  const began = performance.now();
  const run = await faultyRun(bundle);
  const training = performance.now() - began;
  return {
    sample: async (what) => {
      if (what === 'train') return training;
      const { milliseconds, replayed } = await dispute(run);
      return what === 'steps' ? replayed : milliseconds;
    },
    close: async () => {},
  };
}

async function faultyRun(bundle: Bundle): Promise<FaultyRun> {
  const { steps, checkpointEvery: every } = bundle;
  const operator = bundle.program.operators.findIndex(({ operator: { kind } }) => kind === 'matmul');
  const fault: Fault = { step: Math.floor(steps / 2), operator, element: 0, bit: 30 };
  const executor = await prepareExecutor(wasmBackend, bundle.program, bundle.constants, { threads: 1 });
  await executor.writeState(bundle.genesis);
  const starts: StartState[] = [{ step: 0, load: async () => bundle.genesis }];
  for (let from = 0; from < steps; from += every) {
    const to = Math.min(from + every, steps);
    await runWithFault(executor, from, to - from, fault);
    const state: readonly Words[] = await executor.readState();
    starts.push({ step: to, load: async () => state });
  }
  await executor.dispose();
  const solver = await runExecution({ bundle, starts, fault, backend: wasmBackend, threads: 1 });
  const leaves = await solver.stateRootsAt(starts.map(({ step }) => step));
  await solver.dispose();
  return { bundle, fault, starts, leaves };
}

/** Opens and plays it against the solver, who answers from all his checkpoints. */
async function dispute({ bundle, fault, starts, leaves }: FaultyRun) {
  const { backend, steps } = countingSteps(wasmBackend);
  const from = Math.floor(fault.step / bundle.checkpointEvery);
  const verifier = (of: Backend) =>
    runExecution({ bundle, starts: [starts[from]!], fault: null, backend: of, threads: 1 });
  const executions = {
    solver: await runExecution({ bundle, starts, fault, backend: wasmBackend, threads: 1 }),
    challenger: await verifier(backend),
    again: await verifier(wasmBackend),
  };
  const game = await opened(bundle, leaves, from, [executions.challenger, executions.again]);
  const before = steps();
  const milliseconds = await playOut(game, executions);
  await Promise.all(Object.values(executions).map((execution) => execution.dispose()));
  return { milliseconds, replayed: steps() - before };
}

async function opened(bundle: Bundle, leaves: readonly Hash[], from: number, replays: [Execution, Execution]) {
  const rules = rulesOf(bundle, CLOCK);
  const roots = { traceRoot: traceRoot(leaves), finalRoot: leaves[intervalCount(rules)]! };
  const claim: Claim = { ...roots, until: CLOCK, status: 'live', minimumBond: 0n };
  const decision = await decideOpening({ rules, claim, leaves, from, to: from + 1, replays });
  if (decision.do !== 'open') throw new Error(decision.why);
  const result = openGame(rules, claim, { ...decision.opening, bond: 0n }, 0);
  if ('refused' in result) throw new Error(`the opening was refused: ${result.refused.code}`);
  return result.game;
}

/** Plays to the proof. Gives the milliseconds that the challenger took. */
async function playOut(begun: Game, executions: Readonly<Record<Side, Execution>>): Promise<number> {
  let game = begun;
  let spent = 0;
  for (let now = 1; game.status === 'live'; now++) {
    const side: Side = game.context.phase === PROVE ? 'challenger' : game.turn;
    const began = performance.now();
    const decision = await strategy({ side, game, execution: executions[side], now });
    if (side === 'challenger') spent += performance.now() - began;
    if (decision.do !== 'move') throw new Error(`the ${side} has no move`);
    const result = applyMove(game, decision.move, now);
    if ('refused' in result) throw new Error(`${decision.move.kind} was refused: ${result.refused.code}`);
    game = result.game;
  }
  if (game.status !== 'claim-fell') throw new Error(`the dispute ended as ${game.status}`);
  return spent;
}
