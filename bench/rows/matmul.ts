import { type Comparison, compare, ratioAtLeast } from '../comparison.js';
import { type ContenderProcess, withContenders } from '../contender.js';
import { interleave, type Rounds } from '../measure.js';
import { MATMUL_CASES } from '../shapes.js';
import { type Scale, windowRounds } from './scale.js';

const WINDOW_MILLISECONDS = 30;
const THREADED_CASE = '768×768×768 A·B';
const UNIT = 'GFLOP/s';

/** Matrix products on one thread beside tfjs, and on two beside one. */
export async function matmulRows(scale: Scale): Promise<Comparison[]> {
  const rounds = windowRounds(scale);
  return withContenders(
    [
      ['matmul', { threads: 1 }],
      ['tfjs-matmul', { backend: 'wasm' }],
      ['matmul', { threads: 2 }],
    ],
    async ([one, tfjs, two]) => {
      const names = MATMUL_CASES.map(({ name }) => name);
      // The slow forms of the largest product take tfjs most of a second each.
      const chosen = scale.quick ? names.filter((name) => name.startsWith('96×512') || name.startsWith('384')) : names;
      const comparisons: Comparison[] = [];
      for (const name of chosen) comparisons.push(await besideTfjs(name, one!, tfjs!, rounds));
      return [...comparisons, await besideOneThread(two!, one!, rounds)];
    },
  );
}

async function besideTfjs(
  name: string,
  ours: ContenderProcess,
  tfjs: ContenderProcess,
  rounds: Rounds,
): Promise<Comparison> {
  const [mine, theirs] = await interleave([taker(ours, name), taker(tfjs, name)], rounds);
  return compare({
    what: `matmul ${name}: wasm, 1 thread`,
    unit: UNIT,
    ours: mine!,
    beside: { name: 'tfjs-wasm', samples: theirs! },
    target: ratioAtLeast(1.3),
  });
}

async function besideOneThread(two: ContenderProcess, one: ContenderProcess, rounds: Rounds): Promise<Comparison> {
  const [many, single] = await interleave([taker(two, THREADED_CASE), taker(one, THREADED_CASE)], rounds);
  return compare({
    what: `matmul ${THREADED_CASE}: wasm, 2 threads`,
    unit: UNIT,
    ours: many!,
    beside: { name: 'wasm, 1 thread', samples: single! },
    target: ratioAtLeast(1.8),
  });
}

function taker(contender: ContenderProcess, name: string) {
  return { name, sample: () => contender.sample(name, WINDOW_MILLISECONDS) };
}
