import { defineErrors } from '../kinds.js';

/** Operators and programs that break a validity rule, and operators that the referee machine cannot run. */
export const PROGRAM_ERRORS = defineErrors({
  'program.invalid-operator': {
    kind: 'integrity',
    title: 'Operator breaks a validity rule',
    template: 'Operator {operator} is not valid: {reason}.',
    hint: 'Recompile the job; if it came from somebody else, refuse it.',
  },
  'program.invalid': {
    kind: 'integrity',
    title: 'Program breaks a validity rule',
    template: 'The program is not valid: {reason}.',
    hint: 'Recompile the job; if it came from somebody else, refuse it.',
  },
  'program.unknown-version': {
    kind: 'integrity',
    title: 'Unknown arithmetic version',
    template: 'The program was compiled for arithmetic version {found}; this build knows version {known}.',
    hint: 'Use a gensyn release that knows this version, or recompile the job.',
  },
  'program.microcode-too-long': {
    kind: 'usage',
    title: 'Operator too long for the referee',
    template: 'Operator {kind} ({label}) needs {count} or more machine instructions; the referee takes {limit}.',
    hint: 'Split the operator in two: part of its work can go to a temporary of its own.',
  },
  'program.too-many-registers': {
    kind: 'usage',
    title: 'Operator too wide for the referee',
    template: 'Operator {kind} ({label}) keeps more values at once than the referee machine has registers ({limit}).',
    hint: 'Split the operator in two: part of its work can go to a temporary of its own.',
  },
  'program.too-many-executed': {
    kind: 'usage',
    title: 'Operator runs too long for the referee',
    template:
      'Operator {kind} ({label}) executes {count} machine instructions for one element; the limit is 4294967295.',
    hint: 'Split the reduction into lanes: partial results first, then a second operator that combines them.',
  },
  'program.too-many-operands': {
    kind: 'usage',
    title: 'Operator reads too many operands',
    template: 'Operator {kind} ({label}) reads {count} operands; the referee takes {limit}.',
    hint: 'Split the operator in two: part of its work can go to a temporary of its own.',
  },
  'program.bad-text': {
    kind: 'integrity',
    title: 'Unreadable program',
    template: 'The program cannot be read: {reason}.',
    hint: 'Get the file again, or recompile the job; if it came from somebody else, refuse it.',
  },
});
