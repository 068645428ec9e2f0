import type { Backend, Executor } from '../../src/backends/backend.js';

/** A backend that counts the training steps its executors run. */
export function countingSteps(inner: Backend): { readonly backend: Backend; readonly steps: () => number } {
  let steps = 0;
  const prepare: Backend['prepare'] = async (...parameters) => {
    const executor = await inner.prepare(...parameters);
    const counted: Executor = {
      writeState: (state) => executor.writeState(state),
      readState: (into) => executor.readState(into),
      run: (from, count) => {
        steps += count;
        return executor.run(from, count);
      },
      runObserved: (step, visit) => {
        steps += 1;
        return executor.runObserved(step, visit);
      },
      hashState: () => executor.hashState(),
      dispose: () => executor.dispose(),
    };
    return counted;
  };
  const { name, canonical } = inner;
  const estimateMemory: Backend['estimateMemory'] = (...parameters) => inner.estimateMemory(...parameters);
  return { backend: { name, canonical, estimateMemory, prepare }, steps: () => steps };
}
