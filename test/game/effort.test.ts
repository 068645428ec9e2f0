/** What a dispute costs the challenger to compute: the disputed interval once more, however long the run is. */

import { describe, expect, test } from '@jest/globals';
import { countingSteps } from '../../bench/meters/counting-backend.js';
import type { Words } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { traceRoot } from '../../src/commitments/roots.js';
import { rulesOf } from '../../src/game/execution.js';
import { intervalCount } from '../../src/game/open-game.js';
import { decideOpening } from '../../src/game/opening.js';
import { runExecution, type StartState } from '../../src/game/run-execution.js';
import { toyJob } from '../../src/game/toy-job.js';
import { type Fault, runWithFault } from '../../src/run/fault.js';
import { BOND, CLOCK, opened, player, playOut } from './support/play.js';

const EVERY = 64;

async function stepsOfDispute(steps: number): Promise<number> {
  const bundle = toyJob({ steps, checkpointEvery: EVERY, width: 8 });
  const rules = rulesOf(bundle, CLOCK);
  const fault: Fault = { step: Math.floor(steps / 2), operator: 3, element: 0, bit: 21 };
  const trainer = await prepareExecutor(referenceBackend, bundle.program, bundle.constants, { threads: 1 });
  await trainer.writeState(bundle.genesis);
  const starts: StartState[] = [{ step: 0, load: async () => bundle.genesis }];
  for (let leaf = 1; leaf <= intervalCount(rules); leaf++) {
    const [from, to] = [(leaf - 1) * EVERY, Math.min(leaf * EVERY, steps)];
    await runWithFault(trainer, from, to - from, fault);
    const state: readonly Words[] = await trainer.readState();
    starts.push({ step: to, load: async () => state });
  }
  const one = { bundle, backend: referenceBackend, threads: 1 };
  const solver = await runExecution({ ...one, starts, fault });
  const leaves = await solver.stateRootsAt(starts.map(({ step }) => step));
  const roots = { traceRoot: traceRoot(leaves), finalRoot: leaves.at(-1)! };
  const claim = { ...roots, until: 0, status: 'live', minimumBond: BOND } as const;
  const from = Math.floor(fault.step / EVERY);
  const { backend, steps: counted } = countingSteps(referenceBackend);
  const start = [starts[from]!];
  const mine = await runExecution({ ...one, backend, starts: start, fault: null });
  const again = await runExecution({ ...one, starts: start, fault: null });
  const decision = await decideOpening({ rules, claim, leaves, from, to: from + 1, replays: [mine, again] });
  if (decision.do !== 'open') throw new Error(decision.why);
  const before = counted();
  const begun = opened({ rules, claim }, decision.opening);
  const played = await playOut(begun, { solver: player('solver', solver), challenger: player('challenger', mine) });
  expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
  return counted() - before;
}

describe('a dispute about a run of', () => {
  test.each([100, 1000, 10_000])('%i steps replays no more than the interval and a few steps', async (steps) => {
    expect(await stepsOfDispute(steps)).toBeLessThanOrEqual(EVERY + 16);
  });
});
