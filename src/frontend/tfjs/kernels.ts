import { type Tensor, tf } from './load-tfjs.js';
import { RECORDING_BACKEND } from './recording-backend.js';
import type { RecordingSession } from './recording-session.js';
import { LIST_KERNELS, SHAPE_INFERENCE } from './shapes/shape-inference.js';

/**
 * Registers a recording kernel under every kernel name tfjs knows, those without shape inference too: they then fail
 * by name and layer instead of "not registered".
 *
 * @returns a function that takes them away again
 */
export function registerRecordingKernels(session: RecordingSession): () => void {
  const names = allKernelNames();
  for (const kernelName of names) {
    tf.registerKernel({
      kernelName,
      backendName: RECORDING_BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const outputs = session.call(kernelName, inputs as Record<string, Tensor | undefined>, attrs).map((value) => ({
          dataId: session.backend.allocate(value),
          shape: value.shape.slice(),
          dtype: value.dtype,
        }));
        return LIST_KERNELS.has(kernelName) ? outputs : (outputs[0] ?? []);
      },
    });
  }
  return () => {
    for (const name of names) {
      tf.unregisterKernel(name, RECORDING_BACKEND);
    }
  };
}

/** tfjs-core exports the name of each kernel as a constant of that name. */
function allKernelNames(): Set<string> {
  const exported = Object.entries(tf).filter(([name, value]) => name === value);
  return new Set([...exported.map(([name]) => name), ...SHAPE_INFERENCE.keys()]);
}
