/** Programs whose training step is one recorded kernel, so that our lowering decides how it is computed. */
import type { Executor } from '../../src/backends/backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { RecordedState, Recording } from '../../src/frontend/recording.js';
import { numbers } from '../shapes.js';

type Attributes = Recording['calls'][number]['attributes'];

export interface RecordedKernel {
  readonly kernel: string;
  readonly attributes: Attributes;
  /** By the kernel's names for its inputs. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly output: readonly number[];
}

/** An executor of the kernel; its inputs are state tensors that do not change. */
export async function prepareKernel(given: RecordedKernel, threads: number): Promise<Executor> {
  const { program, constants } = lowerRecording({ recording: recordingOf(given), bind: {}, seed: 1 });
  const executor = await wasmBackend.prepare(program, constants, { threads });
  const state = program.state.map(({ shape }) => numbers(shape.reduce((words, extent) => words * extent, 1)));
  await executor.writeState(state.map(({ buffer }) => new Uint32Array(buffer)));
  return executor;
}

function recordingOf({ kernel, attributes, inputs, output }: RecordedKernel): Recording {
  const names = Object.keys(inputs);
  const tensor = (name: string, shape: readonly number[], id: number): RecordedState => {
    return { id, name, shape, dtype: 'float32', role: 'parameter' };
  };
  const operands = names.map((name, id) => tensor(name, inputs[name]!, id));
  const [place, result] = [names.length, names.length + 1];
  return {
    state: [...operands, tensor('result', output, place)],
    batch: [],
    constants: [],
    calls: [
      {
        kernel,
        attributes,
        inputs: Object.fromEntries(names.map((name, id) => [name, id])),
        outputs: [{ id: result, shape: output, dtype: 'float32' }],
        scope: 'bench',
        phase: 'forward',
      },
    ],
    next: [...operands.map(({ id }) => id), result],
    results: {},
  };
}
