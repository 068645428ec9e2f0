import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, textOption } from '../meter.js';
import { HASHED_BYTES, numbers } from '../shapes.js';

const HASHES: Readonly<Record<string, () => (bytes: Uint8Array) => void>> = {
  sha256: () => (bytes) => createHash('sha256').update(bytes).digest(),
  blake3: () => {
    const library = createRequire(import.meta.url)('blake3') as { hash: (bytes: Uint8Array) => unknown };
    return (bytes) => library.hash(bytes);
  },
};

/** GiB/s of other hash implementations over as many bytes, on one thread. Options: `hash`. */
export async function startPeerHashingMeter(options: MeterOptions): Promise<Meter> {
  const hash = HASHES[textOption(options, 'hash')]!();
  const bytes = new Uint8Array(numbers(HASHED_BYTES / 4).buffer);
  const rate = rateOf((count) => {
    for (let done = 0; done < count; done++) hash(bytes);
  });
  return {
    sample: async (_, milliseconds) => ((await rate(milliseconds)) * HASHED_BYTES) / 2 ** 30,
    close: async () => {},
  };
}
