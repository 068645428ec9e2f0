import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { HASHED_BYTES, numbers } from '../shapes.js';

/** As in a model: a few large tensors. */
const TENSORS = 8;

/** GiB/s of hashing a whole state where it lies, BLAKE3 trees included. Options: `threads`. */
export async function startHashingMeter(options: MeterOptions): Promise<Meter> {
  const words = HASHED_BYTES / 4 / TENSORS;
  const state = Array.from({ length: TENSORS }, (_, id) => {
    return { id, name: `tensor_${id}`, shape: [words], dtype: 'float32', role: 'parameter' } as const;
  });
  const next = state.map(({ id }) => id);
  const { program, constants } = lowerRecording({
    recording: { state, batch: [], constants: [], calls: [], next, results: {} },
    bind: {},
    seed: 1,
  });
  const executor = await wasmBackend.prepare(program, constants, { threads: numberOption(options, 'threads') });
  const values = new Uint32Array(numbers(words).buffer);
  await executor.writeState(state.map(() => values));
  const rate = rateOf(async (count) => {
    for (let done = 0; done < count; done++) await executor.hashState();
  });
  return {
    sample: async (_, milliseconds) => ((await rate(milliseconds)) * HASHED_BYTES) / 2 ** 30,
    close: () => executor.dispose(),
  };
}
