/** Records a function of tensors as a recording whose state is its inputs and its outputs. */
import type { Recording, TensorType } from '../../../src/frontend/recording.js';
import { extractRecording } from '../../../src/frontend/tfjs/extract-recording.js';
import { overrideGradients } from '../../../src/frontend/tfjs/gradient-overrides.js';
import { registerRecordingKernels } from '../../../src/frontend/tfjs/kernels.js';
import { type Tensor, tf } from '../../../src/frontend/tfjs/load-tfjs.js';
import { createPatches } from '../../../src/frontend/tfjs/patches.js';
import { RECORDING_BACKEND, RecordingBackend } from '../../../src/frontend/tfjs/recording-backend.js';
import { RecordingSession } from '../../../src/frontend/tfjs/recording-session.js';
import type { TestTensor } from '../../lowering/support/run-kernel.js';

export type TensorFunction = (...inputs: Tensor[]) => Tensor | Tensor[];

/** The outputs are state tensors after the inputs, with what the function computes as their next values. */
export async function recordFunction(compute: TensorFunction, inputs: readonly TestTensor[]): Promise<Recording> {
  const session = new RecordingSession();
  const patches = createPatches();
  try {
    await install(session, patches);
    return record(session, compute, inputs);
  } finally {
    patches.restore();
    await tf.setBackend('cpu');
  }
}

async function install(session: RecordingSession, patches: ReturnType<typeof createPatches>): Promise<void> {
  tf.registerBackend(RECORDING_BACKEND, () => {
    session.backend = new RecordingBackend(session);
    return session.backend;
  });
  patches.onRestore(() => tf.removeBackend(RECORDING_BACKEND));
  patches.onRestore(registerRecordingKernels(session));
  await tf.setBackend(RECORDING_BACKEND);
  overrideGradients(patches);
}

function record(session: RecordingSession, compute: TensorFunction, inputs: readonly TestTensor[]): Recording {
  const given = inputs.map(({ shape, dtype }, at) => session.inputTensor('state', `in_${at}`, shape, dtype));
  const result = compute(...given);
  const outputs = Array.isArray(result) ? result : [result];
  const state = given.map((tensor, at) => {
    const { id } = session.valueOf(tensor);
    return { name: `in_${at}`, role: 'input', symbol: id, next: id };
  });
  const kept = outputs.map((tensor, at) => {
    const holder = session.inputTensor('state', `out_${at}`, tensor.shape, tensor.dtype as TensorType);
    return { name: `out_${at}`, role: 'output', symbol: session.valueOf(holder).id, next: session.valueOf(tensor).id };
  });
  return extractRecording(session, { state: [...state, ...kept], batch: [], results: {} });
}

/** The numbers that a function gives on tfjs's cpu backend. */
export function computeOnCpu(compute: TensorFunction, inputs: readonly TestTensor[]): TestTensor[] {
  const found: TestTensor[] = [];
  tf.tidy(() => {
    const result = compute(...inputs.map(tensorOf));
    for (const tensor of Array.isArray(result) ? result : [result]) {
      found.push({ shape: tensor.shape, dtype: tensor.dtype as TensorType, values: Array.from(tensor.dataSync()) });
    }
  });
  return found;
}

function tensorOf({ shape, dtype, values }: TestTensor): Tensor {
  const typed = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  return tf.tensor(dtype === 'bool' ? Uint8Array.from(values) : typed, shape.slice(), dtype);
}
