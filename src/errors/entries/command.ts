import { defineErrors } from '../kinds.js';

/** What goes wrong between a person (or a script) and the command line. */
export const COMMAND_ERRORS = defineErrors({
  'command.usage': {
    kind: 'usage',
    title: 'Command line not understood',
    template: '{problem}',
    hint: 'Run `{command} --help` to see what it takes.',
  },
  'command.typo': {
    kind: 'usage',
    title: 'Unknown command or option, with a similar known one',
    template: '{problem}',
    hint: '{suggestion} Run `{command} --help` to see what it takes.',
  },
  'command.conflict': {
    kind: 'usage',
    title: 'Options exclude each other',
    template: '{first} cannot be used together with {second}.',
    hint: 'Leave one of them out.',
  },
  'command.requires': {
    kind: 'usage',
    title: 'Option needs another one',
    template: '{option} has no meaning without {needed}.',
    hint: 'Add {needed}, or leave {option} out.',
  },
  'command.no-answer': {
    kind: 'usage',
    title: 'A value is missing and there is nobody to ask',
    template: 'No value was given for {flag}, and there is no terminal to ask on.',
    hint: 'Pass {flag}, or accept every default with --yes where the command has it.',
  },
  'command.invalid-answer': {
    kind: 'usage',
    title: 'Value is not allowed',
    template: '{flag} was given {given}: {reason}.',
    hint: 'Pass another value for {flag}.',
  },
  'command.file-exists': {
    kind: 'usage',
    title: 'File exists already',
    template: '{path} exists already and was left as it is.',
    hint: 'Choose another folder, or pass --force to replace it.',
  },
  'command.internal': {
    kind: 'internal',
    title: 'A mistake inside gensyn',
    template: 'gensyn {version} broke: {problem}',
    hint: 'Please report it with the command line and the output of the same command with --verbose.',
  },
});
