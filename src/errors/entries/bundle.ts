import { defineErrors } from '../kinds.js';

/** Bundles: compiled jobs on disk. */
export const BUNDLE_ERRORS = defineErrors({
  'job.bundle-invalid': {
    kind: 'integrity',
    title: 'Bundle is not valid',
    template: 'The bundle is not valid: {reason}.',
    hint: 'It was damaged or edited. Compile the job again, or fetch the bundle again and refuse it if that does not help.',
  },
  'job.hash-mismatch': {
    kind: 'integrity',
    title: 'Bundle does not match its job hash',
    template: 'The bundle declares job {declared}, but its content is job {computed}.',
    hint: 'It was changed after it was compiled, or by another compiler. Never train, verify or challenge it.',
  },
  'job.folder-not-empty': {
    kind: 'usage',
    title: 'Folder holds other things than a bundle',
    template: '{path} holds {name}, which is not of a bundle; nothing was written.',
    hint: 'Choose a new or empty folder with --out.',
  },
  'job.too-many-samples': {
    kind: 'usage',
    title: 'Too many samples',
    template: '{steps} training steps of {batchSize} examples are more than the {limit} samples that a run can count.',
    hint: 'Train fewer steps, or continue from the final state in a second job.',
  },
  'job.model-weights': {
    kind: 'usage',
    title: 'Weights outside of the model folder',
    template: 'The model {path} names the weight file {file}, which is not in its folder.',
    hint: 'Put the weight files beside the model file, and name them by relative paths.',
  },
  'job.model-format': {
    kind: 'usage',
    title: 'Model file in a format that is not read',
    template: '{path} is {found}; {expected} is needed.',
    hint: 'In Python: write model.to_json() to model.json, and the weights with safetensors.numpy.save_file under the path of each variable. Then name both under "model" in the job file, as "file" and "weights". docs/layers.md shows both.',
  },
  'job.model-weights-size': {
    kind: 'usage',
    title: 'Weight files do not have the declared size',
    template: 'The weights that {path} declares take {expected} bytes; its weight files have {found}.',
    hint: 'Copy the weight files again, and all of them: the model was saved with others.',
  },
  'job.model-weights-type': {
    kind: 'usage',
    title: 'Weights of a type that is not read',
    template: "The tensor '{tensor}' of {path} has the type {type}; weights are F32 or F64.",
    hint: 'Save the weights as float32.',
  },
  'job.too-many-steps': {
    kind: 'usage',
    title: 'Bundle has fewer steps',
    template: '{asked} training steps are asked for, and the bundle was compiled for {compiled}.',
    hint: 'Compile the job file again with that many steps.',
  },
});
