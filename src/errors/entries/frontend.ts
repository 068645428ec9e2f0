import { defineErrors } from '../kinds.js';

/** Models and training steps that cannot be recorded. */
export const FRONTEND_ERRORS = defineErrors({
  'frontend.model-invalid': {
    kind: 'usage',
    title: 'tfjs refuses the model',
    template: 'tfjs-layers cannot build or train this model: {reason}',
    hint: 'Check that the model trains with @tensorflow/tfjs 4.22 as it is.',
  },
  'frontend.module-invalid': {
    kind: 'usage',
    title: 'Model module is not usable',
    template: 'The model module gives no model: {reason}.',
    hint: 'Let the module export a function by default that takes one object with tf, tfl and layers, and returns a model, or an object with variables and a step, or a promise of one of them. See docs/job.md.',
  },
  'frontend.unknown-layer': {
    kind: 'usage',
    title: 'Unknown layer',
    template: "The model uses the layer '{name}', which tfjs-layers does not have.",
    hint: 'Layers that can be used: {supported}.',
  },
  'frontend.unknown-activation': {
    kind: 'usage',
    title: 'Unknown activation',
    template: "The model uses the activation '{name}', which tfjs-layers does not have.",
    hint: 'Activations that can be used: {supported}.',
  },
  'frontend.unknown-optimizer': {
    kind: 'usage',
    title: 'Unknown optimiser',
    template: "There is no optimiser named '{name}'.",
    hint: 'Optimisers that can be used: {supported}.',
  },
  'frontend.unknown-loss': {
    kind: 'usage',
    title: 'Unknown loss',
    template: "There is no loss named '{name}'.",
    hint: 'Losses that can be used: {supported}.',
  },
  'frontend.unknown-metric': {
    kind: 'usage',
    title: 'Unknown metric',
    template: "The metric '{name}' cannot be recorded for {labels} labels.",
    hint: "Use 'accuracy' with class labels, or no metric.",
  },
  'frontend.invalid-specification': {
    kind: 'usage',
    title: 'Training specification is not usable',
    template: '{field} is {found}; it has to be {expected}.',
    hint: 'Correct it in the job.',
  },
  'frontend.keras-dialect': {
    kind: 'usage',
    title: 'Keras model has no equal in tfjs',
    template: "Layer '{layer}' cannot be carried over from Keras: {reason}.",
    hint: 'Replace the layer or option by one that tfjs-layers has; ignoring it would train another model.',
  },
  'frontend.layer-invalid': {
    kind: 'usage',
    title: 'tfjs refuses a layer',
    template: "tfjs-layers cannot use layer '{layer}' ({className}): {reason}",
    hint: 'Change the options of this layer, or the shape of what goes in. docs/layers.md lists what is tested.',
  },
  'frontend.layer-option': {
    kind: 'usage',
    title: 'Layer option has no effect in tfjs',
    template:
      "Layer '{layer}' ({className}) has the option {option} = {value}, which tfjs-layers ignores: it would train another model.",
    hint: 'Correct or remove the option. Options of {className}: {known}.',
  },
  'frontend.weights-missing': {
    kind: 'usage',
    title: 'Weight file lacks a weight',
    template: "The weight file has no tensor for the weight '{weight}'; its tensors are {tensors}.",
    hint: 'Give the tensors the names of the model: layer/weight, as Keras does in the path of each variable.',
  },
  'frontend.weights-ambiguous': {
    kind: 'usage',
    title: 'Several tensors fit one weight',
    template: "Several tensors of the weight file fit the weight '{weight}': {tensors}.",
    hint: "Rename the right one to '{weight}'.",
  },
  'frontend.weights-shape': {
    kind: 'usage',
    title: 'Weight has another shape in the file',
    template:
      "The weight '{weight}' has the shape [{model}] in the model; the tensor '{tensor}' of the file has [{file}].",
    hint: 'Save the weights of this very model, or change the layer to the one that they belong to.',
  },
  'frontend.unknown-kernel': {
    kind: 'usage',
    title: 'tfjs kernel cannot be recorded',
    template: "The tfjs kernel '{kernel}', called in layer '{layer}', cannot be recorded.",
    hint: 'Express the layer with other operations.',
  },
  'frontend.kernel-failed': {
    kind: 'usage',
    title: 'tfjs kernel called with impossible shapes',
    template: "The tfjs kernel '{kernel}', called in layer '{layer}', does not fit its inputs: {reason}",
    hint: 'Check the shapes that this layer receives.',
  },
  'frontend.unknown-dtype': {
    kind: 'usage',
    title: 'Data type cannot be recorded',
    template: "Layer '{layer}' makes a tensor of type {dtype}; float32, int32 and bool can be recorded.",
    hint: 'Express the layer with real numbers.',
  },
  'frontend.model-arity': {
    kind: 'usage',
    title: 'Model has several inputs or outputs',
    template: 'The model has {inputs} inputs and {outputs} outputs; exactly one of each can be trained.',
    hint: 'Join the inputs to one tensor, or cut the model to one output.',
  },
  'frontend.input-shape': {
    kind: 'usage',
    title: 'Model input does not fit the data',
    template: 'The model takes examples of shape [{model}], the data has examples of shape [{data}].',
    hint: 'Change the input shape of the first layer, or reshape the data.',
  },
  'frontend.output-shape': {
    kind: 'usage',
    title: 'Model output does not fit the labels',
    template: 'The model gives [{model}] per example, the labels ask for [{labels}].',
    hint: 'Change the units of the last layer, or the number of classes.',
  },
  'frontend.host-read': {
    kind: 'usage',
    title: 'The step reads a tensor on the host',
    template:
      "Layer '{layer}' reads the value of {value} (dataSync, arraySync, data, …) while the step is recorded{place}.",
    hint: 'A recorded step has no values. Replace the read by tensor operations (tf.where, tf.gather, …).',
  },
  'frontend.host-randomness': {
    kind: 'usage',
    title: 'The step draws random numbers on the host',
    template: "Layer '{layer}' draws random numbers with {source} while the step is recorded{place}.",
    hint: 'Use tf.randomUniform, tf.randomNormal, tf.dropout or a dropout layer: these are replaced by reproducible draws.',
  },
  'frontend.host-constant': {
    kind: 'usage',
    title: 'The step makes a large constant on the host',
    template:
      "Layer '{layer}' makes a constant of {elements} different numbers on the host in every step{place}; at most {limit} are allowed.",
    hint: 'Make it once, before the step (while the model is built), or compute it with tensor operations.',
  },
  'frontend.not-static': {
    kind: 'usage',
    title: 'The training step changes from step to step',
    template: 'Two recordings of the step differ at call {line}: first `{first}`, then `{second}`.',
    hint: 'A step must run the same operations every time: no counters, switches or schedules in JavaScript.',
  },
  'frontend.hidden-state': {
    kind: 'usage',
    title: 'State outside of variables',
    template: "Layer '{layer}' keeps {value} from one step to the next outside of variables.",
    hint: 'Do not use stateful recurrent layers; keep state in tf.variable.',
  },
  'frontend.custom-loss': {
    kind: 'usage',
    title: 'Loss and training step do not belong together',
    template:
      "The job has {found}; the loss 'custom' is for modules that return variables and a step, and only for them.",
    hint: 'Name a loss for a model, and "loss": "custom" for a module with a training step of its own.',
  },
  'frontend.tfjs-flag': {
    kind: 'usage',
    title: 'tfjs flag stands in the way',
    template: 'The tfjs flag {flag} is set; it downloads the result of every kernel.',
    hint: "Remove tf.env().set('{flag}', true) and tf.enableDebugMode().",
  },
  'frontend.worker-limit': {
    kind: 'usage',
    title: 'Recording the model takes too much',
    template: 'Recording the model took more than {limit}.',
    hint: 'A model is recorded in seconds, whatever its size: look for an endless loop or large host arrays in the module.',
  },
  'frontend.worker-failed': {
    kind: 'internal',
    title: 'The recording worker stopped',
    template: 'The worker that records the model stopped without a result: {reason}.',
    hint: 'Run it again; if it stops again, report the model with the issue.',
  },
});
