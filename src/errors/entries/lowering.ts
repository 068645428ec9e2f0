import { defineErrors } from '../kinds.js';

export const LOWERING_ERRORS = defineErrors({
  'lowering.unknown-kernel': {
    kind: 'usage',
    title: 'Unsupported kernel',
    template:
      "The training step uses the tfjs kernel '{kernel}' (layer '{layer}', {phase}), which cannot be lowered yet; supported are: {supported}.",
    hint: "Replace the operation or layer '{layer}' by one that is built from the supported kernels.",
  },
  'lowering.unsupported-attribute': {
    kind: 'usage',
    title: 'Unsupported attribute',
    template: "Kernel '{kernel}' (layer '{layer}') has {attribute} = {value}; expected {expected}.",
    hint: "Change the operation in layer '{layer}' so that {attribute} is {expected}.",
  },
  'lowering.unsupported-type': {
    kind: 'usage',
    title: 'Unsupported type',
    template: "Kernel '{kernel}' (layer '{layer}') is used with {type} tensors; it is supported for {supported}.",
    hint: "Cast the tensors in layer '{layer}' to {supported} first.",
  },
  'lowering.unsupported-initializer': {
    kind: 'usage',
    title: 'Unsupported initialiser',
    template: "Weight initialiser '{className}' of layer '{layer}' is not supported; supported are: {supported}.",
    hint: 'Choose one of the supported initialisers for this layer, or load its weights from a file.',
  },
  'lowering.operator-too-large': {
    kind: 'usage',
    title: 'Operator too large',
    template:
      "'{label}' gives an operator with {nodes} expression nodes and {operands} operands, more than the referee machine can run for one element.",
    hint: 'Split the computation into several operations; a composed function should not be applied to another one without a value between them.',
  },
  'lowering.empty-tensor': {
    kind: 'usage',
    title: 'Empty tensor',
    template: "Kernel '{kernel}' (layer '{layer}') makes a tensor without elements: shape [{shape}].",
    hint: 'Every extent of every tensor must be at least 1.',
  },
  'lowering.unbound-input': {
    kind: 'usage',
    title: 'Batch input without data',
    template: "The model's input '{name}' has no data; bound are: {bound}.",
    hint: "Bind '{name}' to a part of the dataset.",
  },
  'lowering.shape-mismatch': {
    kind: 'usage',
    title: 'Shape mismatch',
    template: "Batch input '{name}' is bound to data of shape [{given}], but the model expects [{expected}].",
    hint: "Make the data's example shape and the model's input shape agree.",
  },
});
