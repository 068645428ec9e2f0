import { fail } from '../../errors/index.js';
import type { TensorType } from '../recording.js';
import type { LayersModel } from './load-tfjs.js';
import type { LabelSpec, RecordingSpec } from './specification.js';

/** How the model's output relates to the labels. */
export type TargetForm = 'values' | 'one-hot' | 'zero-one';

export interface ModelShapes {
  readonly inputType: TensorType;
  readonly target: TargetForm;
}

type Shape = readonly (number | null)[];

/** Compares the model's input and output with the data. Throws frontend.model-arity, .input-shape, .output-shape. */
export function checkModelShapes(model: LayersModel, spec: RecordingSpec): ModelShapes {
  const [input] = model.inputs;
  const [output] = model.outputs;
  if (input === undefined || output === undefined || model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw fail('frontend.model-arity', { inputs: model.inputs.length, outputs: model.outputs.length });
  }
  const expectedInput = input.shape.slice(1);
  if (!fits(expectedInput, spec.inputShape)) {
    throw fail('frontend.input-shape', { model: show(expectedInput), data: show(spec.inputShape) });
  }
  checkFixedBatch(input.shape[0] ?? null, spec);
  return {
    inputType: input.dtype === 'int32' ? 'int32' : 'float32',
    target: targetForm(output.shape.slice(1), spec),
  };
}

/** A model with a fixed batch size takes that size only. */
function checkFixedBatch(fixed: number | null, { batchSize, evaluationBatchSize }: RecordingSpec): void {
  for (const size of [batchSize, evaluationBatchSize]) {
    if (fixed !== null && size !== 0 && size !== fixed) {
      throw fail('frontend.input-shape', { model: `${fixed} rows per batch`, data: `${size} rows per batch` });
    }
  }
}

function targetForm(output: Shape, { labels, loss }: RecordingSpec): TargetForm {
  const wanted = outputShapeFor(labels);
  if (fits(output, wanted)) {
    return labels.kind === 'class' ? 'one-hot' : 'values';
  }
  const single = [...(labels.shape ?? []), 1];
  if (labels.kind === 'class' && labels.classes === 2 && loss !== 'softmaxCrossEntropy' && fits(output, single)) {
    return 'zero-one';
  }
  throw fail('frontend.output-shape', { model: show(output), labels: show(wanted) });
}

function outputShapeFor(labels: LabelSpec): readonly number[] {
  return labels.kind === 'class' ? [...(labels.shape ?? []), labels.classes] : labels.shape;
}

function fits(model: Shape, data: readonly number[]): boolean {
  return model.length === data.length && model.every((size, index) => size === null || size === data[index]);
}

function show(shape: Shape): string {
  return shape.map((size) => size ?? '?').join(', ');
}
