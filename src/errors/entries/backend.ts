import { defineErrors } from '../kinds.js';

/** Machines that cannot run a program, or failed while running it. */
export const BACKEND_ERRORS = defineErrors({
  'backend.memory': {
    kind: 'environment',
    title: 'The program needs too much memory',
    template: 'The {backend} backend would need {needed} bytes for this program; it can use at most {limit}.',
    hint: 'Use a smaller batch or model, or a backend without this limit.',
  },
  'backend.constants-in-files': {
    kind: 'environment',
    title: 'The backend cannot read constants from files',
    template: 'The {backend} backend needs all data in memory, and the constant {constant} is read from its file.',
    hint: 'Use the wasm backend, or fewer rows ("limit" in the job file).',
  },
  'backend.worker': {
    kind: 'internal',
    title: 'A worker thread failed',
    template: 'A worker thread of the {backend} backend failed: {reason}.',
    hint: 'Run again with fewer threads; if it persists, report it with the job.',
  },
  'backend.disposed': {
    kind: 'internal',
    title: 'The executor is gone',
    template: 'The {backend} executor was asked to work after it had been disposed of.',
    hint: 'Report it; prepare a new executor in the meantime.',
  },
});
