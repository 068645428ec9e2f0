import { describe, expect, test } from '@jest/globals';
import { CATALOG, type ErrorCode, isGensynError } from '../../src/errors/index.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { dense, layer, moduleSpec, sequential, smallSpec } from './support/samples.js';

async function refusalOf(spec: RecordingSpec): Promise<{ code: ErrorCode; message: string; hint: string }> {
  try {
    await recordInWorker(spec);
  } catch (error) {
    if (isGensynError(error)) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A module whose middle layer, a class of its own, runs `body` in `call(inputs)`. */
function customLayer(body: string, before = ''): RecordingSpec {
  return moduleSpec(`
    export default ({ tf, tfl, layers }) => {
      ${before}
      class Custom extends tfl.layers.Layer {
        static get className() { return 'Custom'; }
        computeOutputShape(shape) { return shape; }
        call(inputs) { const x = Array.isArray(inputs) ? inputs[0] : inputs; ${body} }
      }
      const dense = (units, more) => layers.dense({ units, ...more });
      return tfl.sequential({ layers: [dense(4, { inputShape: [6] }), new Custom({ name: 'custom' }), dense(4)] });
    };`);
}

describe('what cannot be recorded is refused by name', () => {
  const cases: [string, ErrorCode, RecordingSpec, string[]][] = [
    ['an unknown layer', 'frontend.unknown-layer', smallSpec({ hidden: [layer('Lambda', { name: 'l' })] }), ['Lambda']],
    ['an unknown activation', 'frontend.unknown-activation', smallSpec({ output: 'sinus' }), ['sinus']],
    ['an unknown loss', 'frontend.unknown-loss', { ...smallSpec(), loss: 'ctc' as never }, ['ctc']],
    [
      'an unknown optimiser',
      'frontend.unknown-optimizer',
      smallSpec({ optimizer: { name: 'lion' } as never }),
      ['lion'],
    ],
    [
      'accuracy of values',
      'frontend.unknown-metric',
      { ...smallSpec({ loss: 'huber' }), metrics: ['accuracy'] },
      ['accuracy', 'values'],
    ],
    ['a size that is none', 'frontend.invalid-specification', { ...smallSpec(), batchSize: 0.5 }, ['batchSize', '0.5']],
    ['data of another shape', 'frontend.input-shape', { ...smallSpec(), inputShape: [5] }, ['[6]', '[5]']],
    [
      'labels of another shape',
      'frontend.output-shape',
      { ...smallSpec(), labels: { kind: 'class', classes: 3 } },
      ['[4]', '[3]'],
    ],
    [
      'a stateful recurrent layer',
      'frontend.hidden-state',
      {
        ...smallSpec(),
        inputShape: [5, 3],
        evaluationBatchSize: 0,
        model: {
          kind: 'topology',
          json: sequential([
            layer('SimpleRNN', { name: 'memory', units: 4, stateful: true, batch_input_shape: [8, 5, 3] }),
            dense('out', 4),
          ]),
        },
      },
      ['memory'],
    ],
    [
      'a stateful layer inside of another',
      'frontend.hidden-state',
      {
        ...smallSpec(),
        inputShape: [5, 3],
        evaluationBatchSize: 0,
        model: {
          kind: 'topology',
          json: sequential([
            layer('Bidirectional', {
              name: 'both',
              merge_mode: 'concat',
              batch_input_shape: [8, 5, 3],
              layer: layer('LSTM', { name: 'memory', units: 4, stateful: true }),
            }),
            dense('out', 4),
          ]),
        },
      },
      ['memory', 'stateful'],
    ],
    ['a read on the host', 'frontend.host-read', customLayer('x.dataSync(); return x;'), ['custom', 'dense_Dense1']],
    [
      'a read whose error is swallowed',
      'frontend.host-read',
      customLayer('try { x.arraySync(); } catch {} return x;'),
      ['custom'],
    ],
    ['a read by promise', 'frontend.host-read', customLayer('x.data(); return x;'), ['custom']],
    [
      'Math.random',
      'frontend.host-randomness',
      customLayer('return tf.mul(x, Math.random());'),
      ['custom', 'Math.random'],
    ],
    [
      'a draw without replacement',
      'frontend.host-randomness',
      customLayer('return tf.mul(x, tf.randomGamma([1], 1, 1));'),
      ['custom', 'tf.randomGamma'],
    ],
    [
      'a large constant made in the step',
      'frontend.host-constant',
      customLayer('tf.tensor1d(Array.from({ length: 100 }, (_, i) => i)); return x;'),
      ['custom', '100'],
    ],
    [
      'a step that counts in JavaScript',
      'frontend.not-static',
      customLayer('steps += 1; return tf.mul(x, steps);', 'let steps = 0;'),
      ['Multiply'],
    ],
    [
      'a tensor kept from the step before',
      'frontend.hidden-state',
      customLayer('const y = kept ? tf.add(x, kept) : x; kept = tf.keep(tf.relu(x)); return y;', 'let kept = null;'),
      ['custom'],
    ],
    [
      'a kernel without a rule',
      'frontend.unknown-kernel',
      customLayer('tf.unique(x.flatten()); return x;'),
      ['Unique'],
    ],
    ['the debug flag', 'frontend.tfjs-flag', customLayer('return x;', "tf.env().set('DEBUG', true);"), ['DEBUG']],
    ['a module without a function', 'frontend.module-invalid', moduleSpec('export const model = 1;'), ['function']],
    ['a module without a model', 'frontend.module-invalid', moduleSpec('export default () => 5;'), ['model']],
    [
      'a module that throws',
      'frontend.model-invalid',
      moduleSpec("export default () => { throw new Error('own'); };"),
      ['own'],
    ],
    [
      'two outputs',
      'frontend.model-arity',
      moduleSpec(`export default ({ tfl, layers }) => {
        const x = tfl.input({ shape: [6] });
        const out = () => layers.dense({ units: 4 }).apply(x);
        return tfl.model({ inputs: x, outputs: [out(), out()] });
      };`),
      ['2 outputs'],
    ],
    [
      'a topology that reaches a prototype',
      'frontend.model-invalid',
      { ...smallSpec(), model: { kind: 'topology', json: JSON.parse('{"config":{"__proto__":{"polluted":1}}}') } },
      ['__proto__'],
    ],
    [
      'a topology that is none',
      'frontend.model-invalid',
      { ...smallSpec(), model: { kind: 'topology', json: 5 } },
      ['JSON'],
    ],
    [
      'a class of JavaScript',
      'frontend.unknown-layer',
      { ...smallSpec(), model: { kind: 'topology', json: { class_name: 'constructor', config: {} } } },
      ['constructor'],
    ],
    [
      'what tfjs refuses itself, in its own words',
      'frontend.layer-invalid',
      smallSpec({ hidden: [dense('middle', -1)] }),
      ["'middle' (Dense)", 'units'],
    ],
    [
      'an option that tfjs does not have',
      'frontend.layer-option',
      smallSpec({ hidden: [dense('middle', 3, 'relu', { use_bais: false })] }),
      ["'middle' (Dense)", 'useBais = false'],
    ],
    [
      'an option that tfjs takes and forgets',
      'frontend.layer-option',
      smallSpec({
        hidden: [layer('DepthwiseConv2D', { name: 'deep', kernel_size: [2, 2], dilation_rate: [2, 2] })],
      }),
      ["'deep' (DepthwiseConv2D)", 'dilationRate = [2,2]'],
    ],
    [
      'a regulariser of activities',
      'frontend.layer-option',
      smallSpec({
        hidden: [
          dense('middle', 3, 'relu', { activity_regularizer: { class_name: 'L1L2', config: { l1: 1, l2: 0 } } }),
        ],
      }),
      ["'middle' (Dense)", 'activityRegularizer'],
    ],
    [
      'a GRU with the reset gate behind the product and dropout',
      'frontend.layer-invalid',
      {
        ...smallSpec(),
        inputShape: [5, 3],
        model: {
          kind: 'topology',
          json: sequential([
            layer('GRU', {
              name: 'memory',
              units: 4,
              reset_after: true,
              dropout: 0.5,
              batch_input_shape: [null, 5, 3],
            }),
            dense('out', 4),
          ]),
        },
      },
      ["'memory' (GRU)", 'reset_after'],
    ],
    [
      'a layer that does not fit the shape it gets',
      'frontend.layer-invalid',
      smallSpec({ hidden: [layer('Conv2D', { name: 'image', filters: 2, kernel_size: 3 })] }),
      ["'image' (Conv2D)", '4', '2'],
    ],
    [
      'a reshape to another size',
      'frontend.layer-invalid',
      smallSpec({
        hidden: [layer('Reshape', { name: 'other', target_shape: [2, 3] }), layer('Flatten', { name: 'flat' })],
      }),
      ["'other' (Reshape)", '[8,7]', '[2,3]'],
    ],
  ];

  test.each(cases)('%s', async (_title, code, spec, mentions) => {
    const refusal = await refusalOf(spec);
    expect(refusal.code).toBe(code);
    for (const mention of mentions) {
      expect(refusal.message).toContain(mention);
    }
    expect(`${refusal.message} ${refusal.hint}`).not.toMatch(/\{[a-z]+\}/i);
  });

  test('unknown names come with what is supported', async () => {
    expect((await refusalOf(smallSpec({ hidden: [layer('Lambda', { name: 'l' })] }))).hint).toContain('Conv2D, ');
    expect((await refusalOf(smallSpec({ output: 'sinus' }))).hint).toContain('softplus');
  });

  test('a small constant made in the step is recorded, with a warning', async () => {
    const { warnings } = await recordInWorker(customLayer('return tf.add(x, tf.tensor1d([1, 2, 3, 4]));'));
    expect(warnings).toEqual(["Layer 'custom' makes a constant of 4 numbers on the host in every step."]);
  });

  test('every code of the area is documented with a hint', () => {
    const codes = Object.entries(CATALOG).filter(([code]) => code.startsWith('frontend.'));
    expect(codes.every(([, { hint, template }]) => hint.endsWith('.') && template.length > 10)).toBe(true);
  });
});
