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
  'run.manifest-invalid': {
    kind: 'integrity',
    title: 'Run manifest breaks a rule of its format',
    template: 'Run manifest {path} is not valid: {reason}.',
    hint: 'The file is damaged or was edited. Fetch the run again, or train it again into a new folder.',
  },
  'run.fault-out-of-range': {
    kind: 'usage',
    title: 'The drill points at nothing',
    template: '--inject-fault names {part} {given}; this job has {part}s below {limit}.',
    hint: 'Pass --inject-fault step,operator,element,bit, each counted from 0; `gensyn inspect <job>` lists the operators.',
  },
  'run.merge-empty': {
    kind: 'usage',
    title: 'No reports to merge',
    template: 'There are no verification reports to merge.',
    hint: 'Pass the --json documents of every shard: `gensyn verify <run> --merge shard-*.json`.',
  },
  'run.merge-mismatch': {
    kind: 'usage',
    title: 'Reports of different runs cannot be merged',
    template: 'The reports do not belong together: one has {what} {first}, another {other}.',
    hint: 'Merge reports of the same run and the same job only.',
  },
  'run.checkpoint-damaged': {
    kind: 'integrity',
    title: 'Checkpoint is damaged',
    template: 'Checkpoint {path} cannot be used: {reason}.',
    hint: 'Fetch the run again, or train on from an earlier checkpoint: remove this file and run `gensyn train` again.',
  },
  'run.checkpoint-mismatch': {
    kind: 'integrity',
    title: 'Checkpoint is not the one of the trace',
    template: 'Checkpoint {path} of step {step} has state root {found}; the trace claims {claimed}.',
    hint: 'One of the two files was changed after the training. Fetch the run again; without this checkpoint its interval counts as not checked.',
  },
  'run.trace-incomplete': {
    kind: 'usage',
    title: 'Run has not ended',
    template: 'Trace {path} ends at step {found} of {steps}.',
    hint: 'Run the same `gensyn train` again to finish it, then verify.',
  },
  'run.wrong-arithmetic': {
    kind: 'integrity',
    title: 'Run was made with another arithmetic',
    template: 'This was made with arithmetic version {found}; this build has version {known}.',
    hint: 'Use a gensyn release with arithmetic version {found}.',
  },
  'run.in-use': {
    kind: 'usage',
    title: 'Run is being written by another process',
    template: 'Process {pid} is writing to {path}.',
    hint: 'Wait until it ends, stop it, or use another folder with --out.',
  },
  'run.folder-not-empty': {
    kind: 'usage',
    title: 'Folder holds something that is no run',
    template: '{path} holds {name}, which is no part of a run; nothing was changed.',
    hint: 'Use another folder with --out.',
  },
  'run.other-job': {
    kind: 'usage',
    title: 'Run belongs to another job',
    template: '{path} is a run of job {found}, not of job {expected}.',
    hint: 'Use another folder with --out, or the job that this run was started with.',
  },
  'run.other-options': {
    kind: 'usage',
    title: 'Run was started with other options',
    template: '{path} was started with {option} {found}; now it is {given}.',
    hint: 'Use the same options to continue this run, or another folder with --out.',
  },
});
