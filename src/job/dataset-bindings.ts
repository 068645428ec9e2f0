/** The batch inputs of a model, as rows of a data set that is a constant of the program. */
import type { Dataset } from '../data/dataset-form.js';
import { gatherRows } from '../frontend/lowering/batch.js';
import type { LazyTensor, Source } from '../frontend/lowering/lazy-tensor.js';
import type { BatchBinding } from '../frontend/lowering/lower-recording.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { Recording } from '../frontend/recording.js';

type RowsOf = (builder: ProgramBuilder) => LazyTensor;

/** Features `x` and labels `y` as rows of the data set. The bindings are for one lowering. */
export function datasetBindings(
  recording: Recording,
  dataset: Dataset,
  rowsOf: RowsOf,
): Record<'x' | 'y', BatchBinding> {
  return dataset.text === null
    ? exampleBindings(recording, dataset, rowsOf)
    : windowBindings(recording, dataset, rowsOf);
}

function exampleBindings(recording: Recording, dataset: Dataset, rowsOf: RowsOf): Record<'x' | 'y', BatchBinding> {
  const { features, labels, count } = dataset;
  const labelDType = labels.kind === 'class' ? labels.dtype : 'f32';
  return {
    x: (builder) =>
      gatherRows({
        rows: rowsOf(builder),
        data: builder.constant(
          { name: 'features', dtype: features.dtype, shape: [count, ...features.exampleShape] },
          features.words,
        ),
        count,
        exampleShape: features.exampleShape,
        dtype: typeOf(recording, 'x'),
        scale: features.scale,
        offset: features.offset,
      }),
    y: (builder) =>
      gatherRows({
        rows: rowsOf(builder),
        data: builder.constant({ name: 'labels', dtype: labelDType, shape: [count, ...labels.shape] }, labels.words),
        count,
        exampleShape: labels.shape,
        dtype: typeOf(recording, 'y'),
      }),
  };
}

/** The text is one constant: a window's input starts at window·stride, its labels one token later. */
function windowBindings(
  recording: Recording,
  { features, count, text }: Dataset,
  rowsOf: RowsOf,
): Record<'x' | 'y', BatchBinding> {
  const { tokens, stride } = text!;
  let data: Source | undefined;
  const window = (name: 'x' | 'y', first: number): BatchBinding => {
    return (builder) => {
      data ??= builder.constant({ name: 'text', dtype: features.dtype, shape: [tokens] }, features.words);
      const rows = rowsOf(builder);
      const { exampleShape } = features;
      return gatherRows({ rows, data, count, exampleShape, dtype: typeOf(recording, name), stride, first });
    };
  };
  return { x: window('x', 0), y: window('y', 1) };
}

function typeOf(recording: Recording, name: string): 'float32' | 'int32' | 'bool' {
  return recording.batch.find((input) => input.name === name)?.dtype ?? 'float32';
}
