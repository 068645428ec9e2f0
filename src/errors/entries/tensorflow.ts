import { defineErrors } from '../kinds.js';

/** The backend that replays a job with the kernels of TensorFlow, and the runs it leaves. */
export const TENSORFLOW_ERRORS = defineErrors({
  'tensorflow.package-missing': {
    kind: 'environment',
    title: 'No package of TensorFlow.js is installed',
    template:
      'The tensorflow backend needs one of @tensorflow/tfjs-node-gpu, tfjs-node, tfjs-backend-wasm or tfjs-backend-cpu, version {version}; none was found beside gensyn or in the current folder.',
    hint: 'Install one where you run gensyn, for example npm install @tensorflow/tfjs-node-gpu@{version} (Linux, NVIDIA card, CUDA 11 and cuDNN 8). It is good for quick experiments: its runs are compared within a distance and can never be claimed. For runs that count use --backend wasm or webgpu.',
  },
  'tensorflow.no-usable-package': {
    kind: 'environment',
    title: 'No package of TensorFlow.js can compute the job',
    template: 'Packages of TensorFlow.js are installed, and none can be used: {reasons}.',
    hint: 'Install one that can, for example npm install @tensorflow/tfjs-backend-cpu@{version}, which has the most kernels; or use --backend wasm.',
  },
  'tensorflow.kernel-failed': {
    kind: 'environment',
    title: 'A kernel of TensorFlow.js failed',
    template: 'Kernel {kernel} of {package} in layer {layer} should give {expected}: {reason}.',
    hint: 'The package cannot train this job. Remove it so that another one is tried, or use --backend wasm.',
  },
  'tensorflow.needs-job-file': {
    kind: 'usage',
    title: 'A compiled job is not enough',
    template:
      'The tensorflow backend replays the recorded kernels of a model, and {path} is a compiled job, which has only the program.',
    hint: 'Name the job file, or use --backend wasm.',
  },
  'tensorflow.no-operators': {
    kind: 'usage',
    title: 'The backend has no operators',
    template:
      'The tensorflow backend runs kernels of others, not the operators of the program, so none of them can be shown or altered.',
    hint: 'Use --backend wasm with --inject-fault.',
  },
  'tensorflow.trains-only': {
    kind: 'usage',
    title: 'The backend only trains',
    template: 'The tensorflow backend computes nobody’s promised bits, so that it can train and nothing else.',
    hint: 'Leave --backend out, or name one that `gensyn doctor` calls canonical.',
  },
  'tensorflow.bits-asked': {
    kind: 'usage',
    title: 'A run without promised bits',
    template: '{run} was trained by the backend {backend}, which is not canonical; {asked} needs bits.',
    hint: 'Verify it without that option, by distance; or train it again with a canonical backend.',
  },
});
