import { type Comparison, compare } from '../comparison.js';
import { withContenders } from '../contender.js';
import { interleave } from '../measure.js';
import type { Scale } from './scale.js';

const CHECKPOINT_EVERY = 64;
/** Steps beside the interval: each of operators, states and elements is observed in a step of its own. */
const MOST_STEPS_BESIDE = 16;
const RUN_LENGTHS = [100, 1000, 10_000, 100_000];
const QUICK_RUN_LENGTHS = [100, 10_000];

/** What a dispute costs a verifier to compute, by the length of the run. */
export async function disputeRows({ quick }: Scale): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const steps of quick ? QUICK_RUN_LENGTHS : RUN_LENGTHS) rows.push(...(await rowsOf(steps)));
  return rows;
}

async function rowsOf(steps: number): Promise<Comparison[]> {
  return withContenders([['disputes', { steps, every: CHECKPOINT_EVERY }]], async ([contender]) => {
    const takers = ['challenger', 'steps', 'train'].map((what) => ({
      name: what,
      sample: () => contender!.sample(what, 0),
    }));
    const [milliseconds, replayed, training] = await interleave(takers, { rounds: 3, warmUps: 1 });
    const what = `playing a dispute about ${steps} steps of Iris`;
    return [
      compare({
        what: `${what}: replays`,
        unit: 'steps',
        ours: replayed!,
        beside: { name: 'steps of the run', samples: replayed!.map(() => steps) },
        target: { of: 'ours', bound: 'most', value: CHECKPOINT_EVERY + MOST_STEPS_BESIDE },
      }),
      compare({
        what: `${what}: takes`,
        unit: 'ms',
        ours: milliseconds!,
        beside: { name: 'training, 1 thread', samples: training! },
      }),
    ];
  });
}
