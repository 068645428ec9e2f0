import { defineErrors } from '../kinds.js';

/** GPUs that cannot be found, used or trusted. */
export const WEBGPU_ERRORS = defineErrors({
  'webgpu.package-missing': {
    kind: 'environment',
    title: 'The webgpu package is not installed',
    template: 'The webgpu backend needs the npm package webgpu {version}, which was not found in: {places}.',
    hint: 'Install it where you run gensyn: npm install webgpu@{version} (about 130 MB).',
  },
  'webgpu.package-version': {
    kind: 'environment',
    title: 'Another version of the webgpu package is installed',
    template: 'The webgpu backend is checked with version {version} of the package webgpu; {path} is version {found}.',
    hint: 'Install that version: npm install webgpu@{version}.',
  },
  'webgpu.package-broken': {
    kind: 'environment',
    title: 'The webgpu package cannot be loaded',
    template: 'The package webgpu at {path} does not load on this system ({platform}): {reason}.',
    hint: 'Install it again: npm install webgpu@{version}. On Linux it needs glibc; on other systems see its page.',
  },
  'webgpu.no-adapter': {
    kind: 'environment',
    title: 'No GPU was found',
    template: 'WebGPU found no usable adapter{detail}.',
    hint: 'On Linux install the Vulkan loader (libvulkan1) and a driver for your card (Mesa 25 or later, or the vendor’s); elsewhere update the driver. Or use --backend wasm.',
  },
  'webgpu.unknown-adapter': {
    kind: 'usage',
    title: 'There is no such GPU',
    template: 'GENSYN_WEBGPU_ADAPTER asks for the adapter {wanted}; this machine has: {known}.',
    hint: 'Set it to one of these names, or to a part of one, or unset it.',
  },
  'webgpu.null-adapter': {
    kind: 'environment',
    title: 'The adapter computes nothing',
    template: 'The only WebGPU adapter is {name}, which accepts every program and computes nothing.',
    hint: 'Install a driver for your card, or use --backend wasm.',
  },
  'webgpu.limits': {
    kind: 'environment',
    title: 'The GPU’s limits are too small',
    template: '{adapter} offers {limit} = {found}; the webgpu backend needs {needed}.',
    hint: 'Update the driver, choose another adapter with GENSYN_WEBGPU_ADAPTER, or use --backend wasm.',
  },
  'webgpu.wrong-bits': {
    kind: 'environment',
    title: 'The GPU computes other bits',
    template: '{adapter} failed the arithmetic probe in every mode; the last one: {reason}.',
    hint: 'Update the driver, choose another adapter with GENSYN_WEBGPU_ADAPTER, or use --backend wasm.',
  },
  'webgpu.memory': {
    kind: 'environment',
    title: 'The GPU has too little memory',
    template: '{adapter} could not allocate the {needed} bytes that this program needs: {reason}.',
    hint: 'Use a smaller batch or model, close what else uses the GPU, or use --backend wasm.',
  },
  'webgpu.lost': {
    kind: 'environment',
    title: 'The GPU was lost',
    template: '{adapter} stopped working: {reason}.',
    hint: 'Nothing is lost but the steps after the last checkpoint: run the same command again. If it persists, update the driver or use --backend wasm.',
  },
  'webgpu.failed': {
    kind: 'internal',
    title: 'The GPU refused a command',
    template: '{adapter} refused a command of the webgpu backend: {reason}.',
    hint: 'Report it with the output of gensyn doctor; --backend wasm works in the meantime.',
  },
});
