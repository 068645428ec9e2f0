import { type Comparison, compare } from '../comparison.js';
import { withContenders } from '../contender.js';
import { interleave } from '../measure.js';
import { type Scale, windowRounds } from './scale.js';

const WINDOW_MILLISECONDS = 100;

/** Hashing a state of 64 MiB. */
export async function hashingRows(scale: Scale): Promise<Comparison[]> {
  return withContenders(
    [
      ['hashing', { threads: 2 }],
      ['hashing', { threads: 1 }],
      ['peer-hashing', { hash: 'sha256' }],
      ['peer-hashing', { hash: 'blake3' }],
    ],
    async (contenders) => {
      const takers = contenders.map((contender, at) => ({
        name: String(at),
        sample: () => contender.sample('', WINDOW_MILLISECONDS),
      }));
      const [two, one, sha256, blake3] = await interleave(takers, windowRounds(scale));
      const unit = 'GiB/s';
      const [byTwo, byOne] = ['hashing a 64 MiB state: 2 threads', 'hashing a 64 MiB state: 1 thread'];
      const beside = {
        sha256: { name: 'sha256 (node:crypto)', samples: sha256! },
        blake3: { name: 'blake3 (npm)', samples: blake3! },
        one: { name: '1 thread', samples: one! },
      };
      return [
        compare({
          what: byTwo,
          unit,
          ours: two!,
          beside: beside.sha256,
          target: { of: 'ours', bound: 'least', value: 2 },
        }),
        compare({ what: byTwo, unit, ours: two!, beside: beside.one }),
        compare({ what: byOne, unit, ours: one!, beside: beside.sha256 }),
        compare({ what: byOne, unit, ours: one!, beside: beside.blake3 }),
      ];
    },
  );
}
