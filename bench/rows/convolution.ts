import { type Comparison, compare, ratioAtLeast } from '../comparison.js';
import { type ContenderProcess, withContenders } from '../contender.js';
import { type Contender, interleave, type Rounds } from '../measure.js';
import { CONVOLUTION_CASES, type ConvolutionCase } from '../shapes.js';
import { type Scale, windowRounds } from './scale.js';

const WINDOW_MILLISECONDS = 30;
const UNIT = 'GFLOP/s';

/** Convolutions and their gradients on one thread beside tfjs, which has no filter gradient of its own. */
export async function convolutionRows(scale: Scale): Promise<Comparison[]> {
  const rounds = windowRounds(scale);
  return withContenders(
    [
      ['convolution', { threads: 1 }],
      ['tfjs-convolution', { backend: 'wasm' }],
    ],
    async ([ours, tfjs]) => {
      const comparisons: Comparison[] = [];
      for (const given of CONVOLUTION_CASES) comparisons.push(await rowOf(given, { ours: ours!, tfjs: tfjs! }, rounds));
      return comparisons;
    },
  );
}

async function rowOf(
  { name, form }: ConvolutionCase,
  { ours, tfjs }: { readonly ours: ContenderProcess; readonly tfjs: ContenderProcess },
  rounds: Rounds,
): Promise<Comparison> {
  const taker = (contender: ContenderProcess): Contender => {
    return { name, sample: () => contender.sample(name, WINDOW_MILLISECONDS) };
  };
  const what = `convolution ${name}: wasm, 1 thread`;
  if (form === 'filter gradient') {
    const [mine] = await interleave([taker(ours)], rounds);
    return compare({ what, unit: UNIT, ours: mine! });
  }
  const [mine, theirs] = await interleave([taker(ours), taker(tfjs)], rounds);
  const beside = { name: 'tfjs-wasm', samples: theirs! };
  return compare({ what, unit: UNIT, ours: mine!, beside, target: ratioAtLeast(1.3) });
}
