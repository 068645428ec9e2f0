import type { RecordedCall, RecordedConstant, RecordedValue, Recording } from '../../../src/frontend/recording.js';
import { type Tensor, tf } from '../../../src/frontend/tfjs/load-tfjs.js';

export type Numbers = readonly number[];

export interface Replayed {
  readonly state: Numbers[];
  readonly results: Readonly<Record<string, number>>;
}

/** Runs a recording on tfjs's current backend and checks every recorded shape and type against what its kernels give. */
export function replay(
  recording: Recording,
  state: readonly Numbers[],
  batch: Readonly<Record<string, Numbers>>,
): Replayed {
  tf.engine().startScope();
  try {
    const tensors = new Map<number, Tensor>();
    const put = (value: RecordedValue, numbers: Numbers): void => {
      tensors.set(value.id, tensorOf(value, numbers));
    };
    for (const [index, entry] of recording.state.entries()) {
      put(entry, state[index] as Numbers);
    }
    for (const entry of recording.batch) {
      put(entry, batch[entry.name] as Numbers);
    }
    for (const entry of recording.constants) {
      put(entry, constantNumbers(entry));
    }
    for (const call of recording.calls) {
      run(call, tensors);
    }
    const read = (id: number) => Array.from((tensors.get(id) as Tensor).dataSync());
    const results = Object.entries(recording.results).map(([name, id]) => [name, read(id)[0] as number]);
    return { state: recording.next.map(read), results: Object.fromEntries(results) };
  } finally {
    tf.engine().endScope();
  }
}

/** The initial values that need no random numbers, by position in the state; undefined for the others. */
export function constantGenesis(genesis: Recording): (Numbers | undefined)[] {
  const constants = new Map(genesis.constants.map((constant) => [constant.id, constant]));
  return genesis.next.map((id) => {
    const constant = constants.get(id);
    return constant === undefined ? undefined : constantNumbers(constant);
  });
}

function run(call: RecordedCall, tensors: Map<number, Tensor>): void {
  const named = Object.entries(call.inputs).map(([name, id]) => [name, tensors.get(id) as Tensor] as const);
  const isList = named.length > 0 && named.every(([name], index) => name === String(index));
  const inputs = isList ? named.map(([, tensor]) => tensor) : Object.fromEntries(named);
  if (call.kernel === 'BroadcastTo') {
    tensors.set(
      (call.outputs[0] as RecordedValue).id,
      broadcast(tensors.get(call.inputs['x'] as number) as Tensor, call),
    );
    return;
  }
  const result = tf.engine().runKernel(call.kernel, inputs as never, call.attributes as never) as Tensor | Tensor[];
  const outputs = Array.isArray(result) ? result : [result];
  for (const [index, expected] of call.outputs.entries()) {
    const found = outputs[index] as Tensor;
    if (found.dtype !== expected.dtype || found.shape.join() !== expected.shape.join()) {
      const recorded = `${expected.dtype}[${expected.shape}]`;
      throw new Error(`${call.kernel} in ${call.scope} gave ${found.dtype}[${found.shape}], recorded is ${recorded}`);
    }
    tensors.set(expected.id, found);
  }
}

/** The cpu backend has no BroadcastTo. */
function broadcast(x: Tensor, call: RecordedCall): Tensor {
  const shape = call.attributes['shape'] as number[];
  const padded = [...new Array<number>(shape.length - x.rank).fill(1), ...x.shape];
  return tf.tile(
    tf.reshape(x, padded),
    shape.map((size, index) => size / (padded[index] as number)),
  );
}

function tensorOf({ shape, dtype }: RecordedValue, numbers: Numbers): Tensor {
  const values = dtype === 'float32' ? Float32Array.from(numbers) : Int32Array.from(numbers);
  return tf.tensor(dtype === 'bool' ? Uint8Array.from(numbers) : values, shape.slice(), dtype);
}

function constantNumbers({ shape, fill, values }: RecordedConstant): Numbers {
  const length = shape.reduce((product, size) => product * size, 1);
  return values === undefined ? new Array<number>(length).fill(fill ?? 0) : Array.from(values);
}
