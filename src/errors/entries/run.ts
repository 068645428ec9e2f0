import { defineErrors } from '../kinds.js';

/** Files of a run: writing them safely, and reading them when they come from somebody else. */
export const RUN_ERRORS = defineErrors({
  'run.disk-full': {
    kind: 'environment',
    title: 'No space left on the disk',
    template: 'There is no space left to write {path}; the file that was there before is untouched.',
    hint: 'Free some space, or use another folder, and run the same command again: it continues where it stopped.',
  },
  'run.not-writable': {
    kind: 'environment',
    title: 'File cannot be written',
    template: 'Cannot write {path}: {reason}.',
    hint: 'Check the permissions of the folder, or name another one with --out.',
  },
  'run.not-a-folder': {
    kind: 'usage',
    title: 'A file stands where a folder is needed',
    template: 'Cannot write {path}: a part of this path is a file, not a folder.',
    hint: 'Name another folder with --out.',
  },
  'run.missing': {
    kind: 'usage',
    title: 'File does not exist',
    template: 'There is no {what} at {path}.',
    hint: 'Check the path; `gensyn inspect <path>` tells what a file or folder is.',
  },
  'run.not-readable': {
    kind: 'environment',
    title: 'File cannot be read',
    template: 'Cannot read {path}: {reason}.',
    hint: 'Check the path and its permissions.',
  },
  'run.too-large': {
    kind: 'integrity',
    title: 'File is larger than its format allows',
    template: '{path} has {bytes} bytes; a {what} has at most {limit}.',
    hint: 'This is not a file that gensyn wrote. Fetch the run again, or refuse it.',
  },
  'run.trace-invalid': {
    kind: 'integrity',
    title: 'Trace breaks a rule of its format',
    template: 'Trace {path}, line {line}: {reason}.',
    hint: 'The file is damaged or was edited. Fetch the run again, or train it again from its last checkpoint.',
  },
  'run.trace-mismatch': {
    kind: 'usage',
    title: 'Trace belongs to another job',
    template: 'Trace {path} was written with {field} {found}, but this run has {expected}.',
    hint: 'Use another folder with --out, or continue with the job that this run was started with.',
  },
  'run.metrics-invalid': {
    kind: 'integrity',
    title: 'Metrics file breaks a rule of its format',
    template: 'Metrics {path}, line {line}: {reason}.',
    hint: 'The file is damaged or was edited. It decides no verdict: remove it to go on without it.',
  },
});
