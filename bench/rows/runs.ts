import { type Comparison, compare, ratioAtMost } from '../comparison.js';
import { type ContenderProcess, withContenders } from '../contender.js';
import { type Contender, interleave, medianRatio } from '../measure.js';
import type { Scale } from './scale.js';

/** Of the fixture job. */
const CHECKPOINT_EVERY = 256;

/** What checkpoints cost, and verifying beside training, within one process. */
export async function runRows(scale: Scale): Promise<Comparison[]> {
  return [await overheadRow(scale), await verifyRow(scale)];
}

async function overheadRow({ quick, threads }: Scale): Promise<Comparison> {
  return withContenders([['intervals', { threads, every: CHECKPOINT_EVERY }]], async ([contender]) => {
    const takers = [taker(contender!, 'bare'), taker(contender!, 'with-checkpoints')];
    const rounds = quick ? { rounds: 12, warmUps: 2 } : { rounds: 24, warmUps: 2 };
    const [bare, whole] = await interleave(takers, rounds);
    return {
      what: `trace overhead of training (checkpoint every ${CHECKPOINT_EVERY} steps)`,
      unit: '%',
      ours: 100 * (1 - medianRatio(bare!, whole!)),
      beside: null,
      ratio: null,
      target: { of: 'ours', bound: 'most', value: 5 },
    };
  });
}

async function verifyRow({ quick, threads }: Scale): Promise<Comparison> {
  const steps = quick ? 256 : 1024;
  return withContenders([['runs', { threads, steps }]], async ([contender]) => {
    const rounds = quick ? { rounds: 2, warmUps: 1 } : { rounds: 4, warmUps: 1 };
    const [train, verify] = await interleave([taker(contender!, 'train'), taker(contender!, 'verify')], rounds);
    return compare({
      what: `full verify (${steps} steps, ${threads} threads), within a process`,
      unit: 'ms',
      ours: verify!,
      beside: { name: 'train', samples: train! },
      target: ratioAtMost(0.6),
    });
  });
}

function taker(contender: ContenderProcess, name: string): Contender {
  return { name, sample: () => contender.sample(name, 0) };
}
