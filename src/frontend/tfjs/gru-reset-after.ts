import { type Tensor, tf, type Variable } from './load-tfjs.js';
import type { Patches } from './patches.js';

type Config = Readonly<Record<string, unknown>>;
type FromConfig = (this: unknown, type: unknown, config: Config, ...rest: unknown[]) => GruLayer;
type Weight = { read(): Variable };
type Activation = { apply(x: Tensor): Tensor };

/** What is used of tfjs's cell. */
interface GruCell {
  units: number;
  useBias: boolean;
  dropout: number;
  recurrentDropout: number;
  kernel: Weight;
  recurrentKernel: Weight;
  bias: Weight | null;
  readonly activation: Activation;
  readonly recurrentActivation: Activation;
  readonly biasInitializer: unknown;
  readonly biasRegularizer: unknown;
  readonly biasConstraint: unknown;
  build(inputShape: unknown): void;
  call(inputs: readonly [Tensor, Tensor]): Tensor[];
  addWeight(name: string, shape: number[], dtype: null, ...rest: unknown[]): Weight;
}

interface GruLayer {
  readonly cell: GruCell;
  getConfig(): Config;
}

/**
 * Lets topologies have a GRU whose reset gate acts behind the product, Keras's default, which tfjs refuses. The cell is
 * tfjs's, with the weights and the step of Keras: a bias [2, 3·units] for inputs and recurrence, gates in the order
 * update, reset, candidate; h' = z·h + (1 − z)·tanh(x_h + r·(h·U_h + b_h)).
 */
export function allowResetAfter(patches: Patches): void {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap['GRU'] as unknown as object;
  patches.replace(entry, '1', (original) => {
    return function (this: unknown, type: unknown, config: Config, ...rest: unknown[]): GruLayer {
      const plain = config['resetAfter'] === true ? { ...config, resetAfter: false } : config;
      const layer = (original as unknown as FromConfig).call(this, type, plain, ...rest);
      if (plain !== config) resetAfter(layer);
      return layer;
    };
  });
}

function resetAfter(layer: GruLayer): void {
  const { cell } = layer;
  if (cell.dropout > 0 || cell.recurrentDropout > 0) {
    throw new Error('reset_after goes without dropout and recurrent_dropout here; put a Dropout layer in front.');
  }
  const [getConfig, build] = [layer.getConfig.bind(layer), cell.build.bind(cell)];
  // A wrapper makes its copies from this.
  layer.getConfig = () => ({ ...getConfig(), resetAfter: true });
  cell.build = (inputShape) => {
    const { useBias } = cell;
    cell.useBias = false;
    build(inputShape);
    cell.useBias = useBias;
    if (!useBias) return;
    const { units, biasInitializer, biasRegularizer, biasConstraint } = cell;
    cell.bias = cell.addWeight('bias', [2, 3 * units], null, biasInitializer, biasRegularizer, true, biasConstraint);
  };
  cell.call = ([x, state]) => tf.tidy(() => step(cell, x, state));
}

/** One time step: [output, next state], both float32 [batch, units]. */
function step(cell: GruCell, x: Tensor, state: Tensor): Tensor[] {
  const [inputBias, recurrentBias] = cell.bias === null ? [null, null] : tf.unstack(cell.bias.read());
  const gates = (value: Tensor, kernel: Weight, bias: Tensor | null | undefined): [Tensor, Tensor, Tensor] => {
    const product = tf.matMul(value, kernel.read() as Tensor);
    return tf.split(bias ? tf.add(product, bias) : product, 3, -1) as [Tensor, Tensor, Tensor];
  };
  const [inputUpdate, inputReset, inputCandidate] = gates(x, cell.kernel, inputBias);
  const [update, reset, candidate] = gates(state, cell.recurrentKernel, recurrentBias);
  const z = cell.recurrentActivation.apply(tf.add(inputUpdate, update));
  const r = cell.recurrentActivation.apply(tf.add(inputReset, reset));
  const proposed = cell.activation.apply(tf.add(inputCandidate, tf.mul(r, candidate)));
  const next = tf.add(tf.mul(z, state), tf.mul(tf.sub(1, z), proposed));
  return [next, next];
}
