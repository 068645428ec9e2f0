/** What `gensyn doctor` asks of a GPU beyond the start-up probe. The expected bits are the WebAssembly backend's. */
import type { Backend, Executor, Words } from '../backend.js';
import { wasmBackend } from '../wasm/wasm-backend.js';
import { firstDifference } from './arithmetic-probe.js';
import { probeProgram } from './probe-program.js';
import { smallTraining } from './small-training.js';

/** Numbers of each pattern. */
const LENGTH = 2 ** 16;
const STEPS = 100;

type Prepare = Backend['prepare'];

/** Why a device's bits cannot be trusted, in words; empty where the probe finds nothing. */
export async function longProbe(prepare: Prepare): Promise<string> {
  const arithmetic = await arithmeticDifference(prepare);
  return arithmetic === '' ? trainingDifference(prepare) : arithmetic;
}

async function arithmeticDifference(prepare: Prepare): Promise<string> {
  const { program, constants } = probeProgram(LENGTH);
  const expected: Words[] = [];
  const observe = (executor: Executor) =>
    executor.runObserved(0, (_, output) => {
      expected.push(output.slice());
    });
  await withExecutor(wasmBackend.prepare(program, constants, { threads: 1 }), observe);
  return withExecutor(prepare(program, constants, { threads: 1 }), (executor) =>
    firstDifference(program, executor, expected),
  );
}

async function trainingDifference(prepare: Prepare): Promise<string> {
  const { program, constants, state } = smallTraining();
  const trained = async (executor: Executor): Promise<readonly Words[]> => {
    await executor.writeState(state);
    await executor.run(0, STEPS);
    return executor.readState();
  };
  const expected = await withExecutor(wasmBackend.prepare(program, constants, { threads: 1 }), trained);
  const found = await withExecutor(prepare(program, constants, { threads: 1 }), trained);
  const at = expected.findIndex((words, tensor) => words.some((word, element) => word !== found[tensor]![element]));
  return at < 0 ? '' : `after ${STEPS} training steps of a small model, ${program.state[at]!.name} has other bits`;
}

async function withExecutor<Result>(
  preparing: Promise<Executor>,
  act: (executor: Executor) => Promise<Result>,
): Promise<Result> {
  const executor = await preparing;
  try {
    return await act(executor);
  } finally {
    await executor.dispose();
  }
}
