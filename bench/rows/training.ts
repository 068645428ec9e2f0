import { type Comparison, compare, ratioAtLeast } from '../comparison.js';
import { withContenders } from '../contender.js';
import { interleave } from '../measure.js';
import { type Scale, windowRounds } from './scale.js';

const WINDOW_MILLISECONDS = 400;

/** Training steps per second of the same MLP. */
export async function trainingRows(scale: Scale): Promise<Comparison[]> {
  const all = `wasm, ${scale.threads} threads`;
  return withContenders(
    [
      ['training', { threads: scale.threads }],
      ['training', { threads: 1 }],
      ['tfjs-training', { backend: 'wasm' }],
      ['tfjs-training', { backend: 'cpu' }],
    ],
    async (contenders) => {
      const takers = contenders.map((contender, at) => ({
        name: String(at),
        sample: () => contender.sample('', WINDOW_MILLISECONDS),
      }));
      const [many, one, tfjsWasm, tfjsCpu] = await interleave(takers, windowRounds(scale));
      const what = (ours: string): string => `MLP 784-256-128-10, batch 64, Adam: ${ours}`;
      const unit = 'steps/s';
      const beside = { wasm: { name: 'tfjs-wasm', samples: tfjsWasm! }, cpu: { name: 'tfjs-cpu', samples: tfjsCpu! } };
      return [
        compare({ what: what(all), unit, ours: many!, beside: beside.wasm, target: ratioAtLeast(5) }),
        compare({ what: what('wasm, 1 thread'), unit, ours: one!, beside: beside.wasm }),
        compare({ what: what(all), unit, ours: many!, beside: beside.cpu }),
        compare({ what: what(all), unit, ours: many!, beside: { name: 'wasm, 1 thread', samples: one! } }),
      ];
    },
  );
}
