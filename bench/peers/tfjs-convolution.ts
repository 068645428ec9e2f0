import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, textOption } from '../meter.js';
import { type ConvolutionCase, convolutionCase, convolutionShapes, gigaConvolution, numbers } from '../shapes.js';
import { loadTfjs, type Tfjs } from './tfjs.js';

/** GFLOP/s of convolutions and input gradients on tfjs, one thread under Node. Options: `backend`. */
export async function startTfjsConvolutionMeter(options: MeterOptions): Promise<Meter> {
  const tf = await loadTfjs(textOption(options, 'backend'));
  const rates = new Map<string, (milliseconds: number) => Promise<number>>();
  return {
    sample: async (name, milliseconds) => {
      const given = convolutionCase(name);
      const rate = rates.get(name) ?? rateOf(kernelOf(tf, given));
      rates.set(name, rate);
      return gigaConvolution(given) * (await rate(milliseconds));
    },
    close: async () => {},
  };
}

function kernelOf(tf: Tfjs, given: ConvolutionCase): (count: number) => void {
  const { images, filter, errors } = convolutionShapes(given);
  const tensor = (shape: typeof images) => tf.tensor4d(numbers(shape.reduce((all, extent) => all * extent, 1)), shape);
  const weights = tensor(filter);
  const source = tensor(given.form === 'forward' ? images : errors);
  const run = (): { dispose(): void } => {
    if (given.form === 'forward') return tf.conv2d(source, weights, 1, 'same');
    // Its kernel is that of the input gradient.
    return tf.conv2dTranspose(source, weights, images, 1, 'same');
  };
  return (count) => {
    for (let done = 0; done < count; done++) run().dispose();
  };
}
