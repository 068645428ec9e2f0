/** Disputes about real training runs, from the published folder to the one instruction. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { fromHex } from '../../src/commitments/hash.js';
import { outputWords } from '../../src/expr/operator.js';
import { type Execution, rulesOf } from '../../src/game/execution.js';
import type { Game } from '../../src/game/game.js';
import type { Claim } from '../../src/game/open-game.js';
import { decideOpening } from '../../src/game/opening.js';
import { type RunExecution, runExecution, type StartState } from '../../src/game/run-execution.js';
import { genesisStart, ownStarts, sampledStart } from '../../src/game/run-starts.js';
import { type Bundle, resealBundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { temporaryCount } from '../../src/program/program.js';
import type { Fault } from '../../src/run/fault.js';
import { train } from '../../src/run/train.js';
import { type LoadedRun, loadRun } from '../../src/verify/load-run.js';
import { fixturePath } from '../job/fixture-path.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { BOND, CLOCK, opened, player, playOut } from './support/play.js';
import { seeded } from './support/random.js';
import { randomChallenger } from './support/random-challenger.js';

const folder = temporaryFolder();
const [STEPS, EVERY] = [80, 16];
const open: RunExecution[] = [];
let bundle: Bundle;

beforeAll(async () => {
  const compiled = await compileJobFile(fixturePath('jobs/iris.json'), {}, await loadBackend('reference'));
  bundle = resealBundle(compiled.bundle, { steps: STEPS, checkpointEvery: EVERY });
});

async function trained(fault: Fault | null): Promise<{ run: LoadedRun; claim: Claim }> {
  const directory = folder.path('run');
  const backend = await loadBackend('wasm');
  const { traceRoot, finalStateRoot } = await train({
    bundle,
    directory,
    backend,
    threads: 1,
    keep: 'all',
    fault,
    version: 'test',
  });
  const run = await loadRun(directory, bundle);
  const roots = { traceRoot: fromHex(traceRoot), finalRoot: fromHex(finalStateRoot) };
  return { run, claim: { ...roots, until: 1000, status: 'live', minimumBond: BOND } };
}

async function execution(starts: readonly StartState[], fault: Fault | null, name = 'wasm'): Promise<Execution> {
  const backend = await loadBackend(name);
  const made = await runExecution({ bundle, starts, fault, backend, threads: 1 });
  open.push(made);
  return made;
}

async function disputed(fault: Fault, from: number, to: number, starts: (run: LoadedRun) => StartState[]) {
  const { run, claim } = await trained(fault);
  const rules = rulesOf(bundle, CLOCK);
  const mine = await execution(starts(run), null);
  const again = await execution(starts(run), null, 'reference');
  const decision = await decideOpening({ rules, claim, leaves: run.leaves, from, to, replays: [mine, again] });
  if (decision.do !== 'open') throw new Error(decision.why);
  const solver = player('solver', await execution(ownStarts(run), run.manifest.injectFault));
  const begun = opened({ rules, claim }, decision.opening);
  return playOut(begun, { solver, challenger: player('challenger', mine) });
}

function expectConvicted({ game, moves }: { game: Game; moves: object }, { step, operator, element }: Fault): void {
  expect(game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
  expect(game.context).toMatchObject({ step, k: operator, elem: element });
  for (const count of Object.values(moves)) expect(count).toBeLessThanOrEqual(16);
}

/** The first operator of a kind, as far back in the step as there is one. */
function operatorOf(kind: string): number {
  const found = bundle.program.operators.findIndex(({ operator }) => operator.kind === kind);
  if (found < 0) throw new Error(`the job has no ${kind}`);
  return found;
}

describe('a run of the Iris job with a fault', () => {
  test.each([
    ['matmul', 37, 30],
    ['sum', 0, 29],
    ['map', STEPS - 1, 22],
  ])('in a %s of step %i falls to a full replay from the genesis', async (kind, step, bit) => {
    const operator = operatorOf(kind);
    const element = outputWords(bundle.program.operators[operator]!.operator) - 1;
    const fault = { step, operator, element, bit };
    expectConvicted(await disputed(fault, 0, STEPS / EVERY, () => [genesisStart(bundle)]), fault);
  });

  test('in a state operator falls to a verifier who sampled the interval', async () => {
    const fault = { step: 40, operator: temporaryCount(bundle.program), element: 1, bit: 12 };
    expectConvicted(await disputed(fault, 2, 3, (run) => [sampledStart(run, 2)]), fault);
  });
});

describe('an honest run of the Iris job', () => {
  test('is not challenged, and wins by proof against anybody who points anywhere', async () => {
    const { run, claim } = await trained(null);
    const rules = rulesOf(bundle, CLOCK);
    const mine = await execution([genesisStart(bundle)], null);
    const replays = [mine, mine] as const;
    expect(await decideOpening({ rules, claim, leaves: run.leaves, from: 0, replays })).toMatchObject({
      do: 'nothing',
    });
    const solver = player('solver', await execution(ownStarts(run), null));
    const opening = { i: 0, leafI: run.leaves[0]!, pathI: [], j: 5, leafJ: claim.finalRoot, pathJ: [] };
    for (let seed = 0; seed < 25; seed++) {
      const challenger = randomChallenger(seeded(seed));
      const { game } = await playOut(opened({ rules, claim }, opening), { solver, challenger });
      expect(game).toMatchObject({ status: 'challenger-lost', ending: 'proved' });
    }
    await Promise.all(open.map((each) => each.dispose()));
  });
});
