import { defineErrors } from '../kinds.js';

export const LOWERING_ERRORS = defineErrors({
  'lowering.unknown-kernel': {
    kind: 'usage',
    title: 'unsupported kernel',
    template:
      "the training step uses the tfjs kernel '{kernel}' (layer '{layer}', {phase}), which cannot be lowered yet; supported are: {supported}",
    hint: "replace the operation or layer '{layer}' by one that is built from the supported kernels",
  },
  'lowering.unsupported-attribute': {
    kind: 'usage',
    title: 'unsupported attribute',
    template: "kernel '{kernel}' (layer '{layer}') has {attribute} = {value}; expected {expected}",
    hint: "change the operation in layer '{layer}' so that {attribute} is {expected}",
  },
  'lowering.unsupported-type': {
    kind: 'usage',
    title: 'unsupported type',
    template: "kernel '{kernel}' (layer '{layer}') is used with {type} tensors; it is supported for {supported}",
    hint: "cast the tensors in layer '{layer}' to {supported} first",
  },
  'lowering.unsupported-initializer': {
    kind: 'usage',
    title: 'unsupported initialiser',
    template: "weight initialiser '{className}' of layer '{layer}' is not supported; supported are: {supported}",
    hint: 'choose one of the supported initialisers for this layer, or load its weights from a file',
  },
  'lowering.operator-too-large': {
    kind: 'usage',
    title: 'operator too large',
    template:
      "'{label}' gives an operator with {nodes} expression nodes and {operands} operands, more than the referee machine can run for one element",
    hint: 'split the computation into several operations; a composed function should not be applied to another one without a value between them',
  },
  'lowering.empty-tensor': {
    kind: 'usage',
    title: 'empty tensor',
    template: "kernel '{kernel}' (layer '{layer}') makes a tensor without elements: shape [{shape}]",
    hint: 'every extent of every tensor must be at least 1',
  },
  'lowering.unbound-input': {
    kind: 'usage',
    title: 'batch input without data',
    template: "the model's input '{name}' has no data; bound are: {bound}",
    hint: "bind '{name}' to a part of the dataset",
  },
  'lowering.shape-mismatch': {
    kind: 'usage',
    title: 'shape mismatch',
    template: "batch input '{name}' is bound to data of shape [{given}], but the model expects [{expected}]",
    hint: "make the data's example shape and the model's input shape agree",
  },
});
