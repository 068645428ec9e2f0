import { type LayerCase, type Layers, single } from './layer-case.js';

const SEQUENCE = [4, 2];

/** tfjs's wrapper types want the layer's class, which its factories hide. */
const wrap = (layer: unknown): never => layer as never;

export const RECURRENT: readonly LayerCase[] = [
  single('SimpleRNN', '', SEQUENCE, (layers) => layers.simpleRNN({ units: 3 })),
  single('SimpleRNN', 'return sequences, backwards', SEQUENCE, (layers) =>
    layers.simpleRNN({ units: 3, returnSequences: true, goBackwards: true }),
  ),
  single('LSTM', '', SEQUENCE, (layers) => layers.lstm({ units: 3 })),
  single('LSTM', 'return sequences', SEQUENCE, (layers) => layers.lstm({ units: 3, returnSequences: true })),
  single('LSTM', 'dropout, recurrent dropout', SEQUENCE, (layers) =>
    layers.lstm({ units: 3, dropout: 0.25, recurrentDropout: 0.25 }),
  ),
  single('GRU', '', SEQUENCE, (layers) => layers.gru({ units: 3 }), {
    remark: '`resetAfter` too, without dropout: compared with Keras’s formula',
  }),
  single('GRU', 'return sequences, sigmoid gates', SEQUENCE, (layers) =>
    layers.gru({ units: 3, returnSequences: true, recurrentActivation: 'sigmoid' }),
  ),
  single('RNN', 'stacked cells', SEQUENCE, (layers) =>
    layers.rnn({ cell: [layers.lstmCell({ units: 3 }), layers.simpleRNNCell({ units: 2 })] }),
  ),
  single('Bidirectional', 'LSTM, concatenated', SEQUENCE, (layers) =>
    layers.bidirectional({ layer: wrap(layers.lstm({ units: 2 })), mergeMode: 'concat' }),
  ),
  single('Bidirectional', 'GRU, summed sequences', SEQUENCE, (layers) =>
    layers.bidirectional({ layer: wrap(layers.gru({ units: 2, returnSequences: true })), mergeMode: 'sum' }),
  ),
  single('TimeDistributed', 'Dense', SEQUENCE, (layers) =>
    layers.timeDistributed({ layer: layers.dense({ units: 3 }) }),
  ),
  single('Masking', 'in front of an LSTM', [4, 1], (layers) => inFront(layers, layers.masking({ maskValue: 0 })), {
    first: true,
    sparse: true,
  }),
  single('Embedding', '', [4], (layers) => layers.embedding({ inputDim: 6, outputDim: 3 }), { tokens: 6 }),
  single('Masking', 'behind a trained layer', [4, 1], (layers) => inFront(layers, layers.masking({ maskValue: 0 })), {
    sparse: true,
    ownGradient: true,
  }),
  single(
    'Embedding',
    'maskZero, in front of an LSTM',
    [4],
    (layers) => inFront(layers, layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true })),
    { tokens: 3 },
  ),
];

function inFront(layers: Layers, layer: { apply(x: never): unknown }) {
  return { apply: (x: never) => layers.lstm({ units: 3 }).apply(layer.apply(x) as never) };
}
