import { TRANSFORMER } from '../shapes.js';
import type { LayersModel, ModelTools, Tensor } from './model-tools.js';

const { tokens, width, heads, vocabulary, blocks } = TRANSFORMER;
const HEAD = width / heads;

/** A decoder of two blocks: causal attention and a relu layer of four times the width, normalised before each. */
// biome-ignore lint/style/noDefaultExport: a job's module gives its model so
export default function transformer(tools: ModelTools): LayersModel {
  const { tfl } = tools;
  const { layers } = tfl;
  const [Position, Attention] = [positionLayer(tools), attentionLayer(tools)];
  type Symbolic = ReturnType<typeof tfl.input>;
  const input = tfl.input({ shape: [tokens], dtype: 'int32' });
  const dense = (units: number, x: Symbolic, activation: 'linear' | 'relu' = 'linear'): Symbolic =>
    layers.dense({ units, activation }).apply(x) as Symbolic;
  const normalise = (x: Symbolic): Symbolic => layers.layerNormalization().apply(x) as Symbolic;
  const add = (x: Symbolic, y: Symbolic): Symbolic => layers.add().apply([x, y]) as Symbolic;
  let x = layers.embedding({ inputDim: vocabulary, outputDim: width }).apply(input) as Symbolic;
  x = new Position({}).apply(x) as Symbolic;
  for (let block = 0; block < blocks; block++) {
    const normal = normalise(x);
    const parts = [0, 1, 2].map(() => dense(width, normal));
    x = add(x, dense(width, new Attention({}).apply(parts) as Symbolic));
    x = add(x, dense(width, dense(4 * width, normalise(x), 'relu')));
  }
  return tfl.model({ inputs: input, outputs: dense(vocabulary, normalise(x)) });
}

/** Adds a learned vector for each place. */
function positionLayer({ tf, tfl }: ModelTools) {
  return class Position extends tfl.layers.Layer {
    static readonly className = 'BenchPosition';
    table!: ReturnType<Position['addWeight']>;

    override build(): void {
      const initializer = tfl.initializers.randomNormal({ stddev: 0.02 });
      this.table = this.addWeight('table', [tokens, width], 'float32', initializer);
      this.built = true;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.add(Array.isArray(inputs) ? inputs[0]! : inputs, this.table.read());
    }
  };
}

/** Attention of every place to itself and to the places before it; takes queries, keys and values. */
function attentionLayer({ tf, tfl }: ModelTools) {
  const split = (x: Tensor): Tensor => tf.transpose(tf.reshape(x, [-1, tokens, heads, HEAD]), [0, 2, 1, 3]);
  return class Attention extends tfl.layers.Layer {
    static readonly className = 'BenchAttention';

    override computeOutputShape(shapes: (number | null)[][]): (number | null)[] {
      return shapes[0]!;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const [queries, keys, values] = (inputs as Tensor[]).map(split);
      const scores = tf.mul(tf.matMul(queries!, keys!, false, true), 1 / Math.sqrt(HEAD));
      const attention = tf.softmax(tf.add(scores, futureMask(tf)));
      const joined = tf.transpose(tf.matMul(attention, values!), [0, 2, 1, 3]);
      return tf.reshape(joined, [-1, tokens, width]);
    }
  };
}

/** 0 where a place may look, −10⁹ where it would see the future. */
function futureMask(tf: ModelTools['tf']): Tensor {
  const place = tf.range(0, tokens, 1, 'int32');
  const isFuture = tf.greater(tf.expandDims(place, 0), tf.expandDims(place, 1));
  return tf.mul(tf.cast(isFuture, 'float32'), -1e9);
}
