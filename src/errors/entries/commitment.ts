import { defineErrors } from '../kinds.js';

/** Hashes, trees and openings that cannot be what they claim to be. */
export const COMMITMENT_ERRORS = defineErrors({
  'commitment.invalid-hash': {
    kind: 'integrity',
    title: 'Not a 32-byte hash',
    template: 'Expected a hash of 32 bytes (0x and 64 hexadecimal digits) for {what}, found {found}.',
    hint: 'Copy the whole hash again; if it stands in a file, the file is damaged: fetch it once more.',
  },
  'commitment.index-out-of-range': {
    kind: 'integrity',
    title: 'Index outside a tree',
    template: 'Asked for {what} {index}, but there are {count} of them.',
    hint: 'Count from 0 and stay below {count}; if the number came from a file or a contract, refuse that file or move.',
  },
  'commitment.too-large': {
    kind: 'integrity',
    title: 'Too large to commit to',
    template: 'Found {found} {what}; a commitment holds at most {limit}.',
    hint: 'Split the model or the data, or refuse the file that asks for it.',
  },
  'commitment.invalid-word': {
    kind: 'integrity',
    title: 'Not a value of the contract’s number type',
    template: 'Found {found}, which is not a whole number from 0 to 2^{bits} − 1.',
    hint: 'Check the job’s numbers (steps, words, indices); if they came from somebody else, refuse the job.',
  },
});
