import { defineErrors } from '../kinds.js';

/** Training and verification: run folders, checkpoints, what they must agree with. */
export const TRAINING_ERRORS = defineErrors({
  'run.manifest-invalid': {
    kind: 'integrity',
    title: 'Run manifest is not valid',
    template: 'The run manifest {path} is not valid: {reason}.',
    hint: 'The folder is not a run of this release, or it was edited; train again into another folder.',
  },
  'run.other-job': {
    kind: 'integrity',
    title: 'Run of another job',
    template: '{path} is a run of job {found}, not of job {expected}.',
    hint: 'Choose another folder with --out, or name the job that this run belongs to.',
  },
  'run.other-options': {
    kind: 'usage',
    title: 'Run was begun differently',
    template: 'The run in {path} was begun with {option} {found}, and now {given} is asked for.',
    hint: 'Repeat the command as it was, or choose another folder with --out.',
  },
  'run.folder-not-empty': {
    kind: 'usage',
    title: 'Folder is not empty',
    template: '{path} is not a run, and holds other things ({name}).',
    hint: 'Choose a new or empty folder with --out.',
  },
  'run.in-use': {
    kind: 'environment',
    title: 'Run folder is in use',
    template: 'The run in {path} is being trained by process {pid}.',
    hint: 'Wait for that process, stop it, or choose another folder with --out.',
  },
  'run.checkpoint-damaged': {
    kind: 'integrity',
    title: 'Checkpoint is damaged',
    template: 'Checkpoint {path} is damaged: {reason}.',
    hint: 'The file was cut or changed after it was written. Fetch it again, or train again from an earlier checkpoint.',
  },
  'run.checkpoint-mismatch': {
    kind: 'integrity',
    title: 'Checkpoint does not match its trace',
    template: 'Checkpoint {path} holds the state {found}, but the trace says {claimed} at step {step}.',
    hint: 'The file was changed, or belongs to another run. Fetch it again; `gensyn inspect` shows its tensors.',
  },
  'run.trace-incomplete': {
    kind: 'integrity',
    title: 'Trace is not complete',
    template: 'Trace {path} ends at step {found} of {steps}.',
    hint: 'Let the training finish first: repeat the train command to go on where it stopped.',
  },
  'run.fault-out-of-range': {
    kind: 'usage',
    title: 'Fault points at nothing',
    template: 'The fault names {part} {given}, and this job has {limit}.',
    hint: 'Numbers count from 0; `gensyn inspect` lists the operators with their sizes.',
  },
  'run.wrong-arithmetic': {
    kind: 'integrity',
    title: 'Another arithmetic version',
    template: 'This run was made with arithmetic version {found}; this build computes version {known}.',
    hint: 'Verify it with a gensyn release of that version.',
  },
  'run.not-canonical': {
    kind: 'environment',
    title: 'Backend is not canonical',
    template: 'Backend {backend} does not compute the canonical bits on this machine: {reason}.',
    hint: 'Choose another backend (`gensyn doctor` lists them); its runs could not be verified.',
  },
  'run.not-recognised': {
    kind: 'usage',
    title: 'Nothing of ours',
    template: '{path} is neither a run nor a bundle: it has no run.json and no manifest.json with a program.',
    hint: 'Name the folder that `gensyn train --out` or `gensyn compile --out` wrote, a checkpoint file, or a job file.',
  },
  'backend.unknown': {
    kind: 'usage',
    title: 'Unknown backend',
    template: 'There is no backend {name}; this build has {known}.',
    hint: 'Run `gensyn doctor` to see what works on this machine.',
  },
  'run.no-such-part': {
    kind: 'usage',
    title: 'Nothing has this number',
    template: 'There is no {part} {given} in {path}: {limit}.',
    hint: 'Numbers count from 0; `gensyn inspect {path}` lists the operators with their sizes.',
  },
  'run.merge-empty': {
    kind: 'usage',
    title: 'Nothing to merge',
    template: 'No report was given to merge.',
    hint: 'Name the files that `gensyn verify --shard … --json` printed.',
  },
  'run.merge-mismatch': {
    kind: 'usage',
    title: 'Reports of different runs',
    template: 'The run has {what} {first}, and a report says {other}.',
    hint: 'Merge only reports of shards of this run.',
  },
  'run.report-invalid': {
    kind: 'usage',
    title: 'Not a verification report',
    template: '{path} is not a report of `gensyn verify --json`: {reason}.',
    hint: 'Name the files that `gensyn verify --shard … --json` printed.',
  },
  'run.out-of-memory': {
    kind: 'environment',
    title: 'Not enough memory',
    template: 'This needs {needed} MiB of memory, and {available} MiB are free.',
    hint: 'Use a smaller batch or model, fewer threads for verify, or a machine with more memory.',
  },
});
