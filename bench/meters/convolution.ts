import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { type ConvolutionCase, convolutionCase, convolutionShapes, gigaConvolution } from '../shapes.js';
import { type KernelCase, kernelMeter } from './kernel-meter.js';
import type { RecordedKernel } from './recorded-kernel.js';

/**
 * GFLOP/s of convolutions and their gradients on our WebAssembly backend, padding and turned filters included. Cases:
 * `CONVOLUTION_CASES` by name. Options: `threads`.
 */
export async function startConvolutionMeter(options: MeterOptions): Promise<Meter> {
  return kernelMeter(caseOf, numberOption(options, 'threads'));
}

function caseOf(name: string): KernelCase {
  const given = convolutionCase(name);
  return { kernel: kernelOf(given), gigaOperations: gigaConvolution(given) };
}

const ATTRIBUTES = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], dimRoundingMode: null };

function kernelOf(given: ConvolutionCase): RecordedKernel {
  const { images, filter, errors } = convolutionShapes(given);
  switch (given.form) {
    case 'forward':
      return { kernel: 'Conv2D', attributes: ATTRIBUTES, inputs: { x: images, filter }, output: errors };
    case 'input gradient': {
      const attributes = { ...ATTRIBUTES, inputShape: images };
      return { kernel: 'Conv2DBackpropInput', attributes, inputs: { dy: errors, filter }, output: images };
    }
    case 'filter gradient': {
      const attributes = { ...ATTRIBUTES, filterShape: filter };
      return { kernel: 'Conv2DBackpropFilter', attributes, inputs: { x: images, dy: errors }, output: filter };
    }
  }
}
