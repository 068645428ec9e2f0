import { defineErrors } from '../kinds.js';

/** Jobs and claims on a chain: what a client or solver is kept from before anything is sent. */
export const MARKET_ERRORS = defineErrors({
  'market.no-such-job': {
    kind: 'chain',
    title: 'No such job',
    template: 'The market at {contract} has no job {id}.',
    hint: 'Run `gensyn settle status` to see what is there; a reorganisation can give a job another number.',
  },
  'market.no-such-claim': {
    kind: 'chain',
    title: 'No such claim',
    template: 'The market at {contract} has no claim {id}.',
    hint: 'Run `gensyn settle status` to see what is there; a reorganisation can give a claim another number.',
  },
  'market.other-job': {
    kind: 'integrity',
    title: 'Job on the chain is another one',
    template: '{path} is not job {id}: its {what} is {have}, and the chain has {want}.',
    hint: 'Get the bundle of that job from the client and compile it yourself. Nothing was sent.',
  },
  'market.bad-terms': {
    kind: 'usage',
    title: 'Terms that nobody should accept',
    template: 'The term {term} is {have} s; it must be {want} s.',
    hint: 'Such terms only serve to lock up a bond or to decide a dispute before it begins. Nothing was sent.',
  },
  'market.doubtful-terms': {
    kind: 'usage',
    title: 'Terms are unwise',
    template: 'There are {count} doubts about the terms of job {id}: {doubts}.',
    hint: 'Take another job, or pass --accept-terms if you know better. Nothing was sent.',
  },
  'market.bond-too-high': {
    kind: 'chain',
    title: 'Bond is larger than allowed',
    template: 'The bond would be {have}; --max-bond allows {want}.',
    hint: 'It is the least bond of the job, or follows the base fee: wait until that falls, ask another node, or allow more. Nothing was sent.',
  },
  'market.wrong-status': {
    kind: 'chain',
    title: 'Too late, or too early, for this',
    template: '{what} is {have}; to {action} it must be {want}.',
    hint: 'Run `gensyn settle status` to see what can be done next, and by whom.',
  },
  'market.not-the-owner': {
    kind: 'chain',
    title: 'Another account may do this',
    template: 'Only {want} may {action}; this account is {have}.',
    hint: 'Use the key of that account.',
  },
  'market.deadline-missed': {
    kind: 'deadline',
    title: 'Deadline missed',
    template: 'It is too late to {action}: the last moment was {until}, and the chain says {now}.',
    hint: 'Run `gensyn settle status` to see what is left to do. Nothing was sent.',
  },
  'market.job-not-found': {
    kind: 'chain',
    title: 'No taken job fits the run',
    template: '{account} has taken no job with the hash {jobHash} of {run}.',
    hint: 'Name the job with --job-id, or use the account that took it.',
  },
  'market.run-not-claimable': {
    kind: 'integrity',
    title: 'Run cannot be defended',
    template: '{run} cannot back a claim: {reason}.',
    hint: 'Train again with a canonical backend and --keep all. Nothing was sent.',
  },
  'market.run-backs-a-claim': {
    kind: 'usage',
    title: 'Run backs another claim',
    template: '{run} backs claim {claim} of chain {chain} ({contract}), which may still have to be defended.',
    hint: 'Copy the run, delete claim.json in the copy, and claim with the copy. Nothing was sent.',
  },
  'market.claim-record-invalid': {
    kind: 'integrity',
    title: 'Record of a claim is damaged',
    template: '{path} is not the record of a claim: {reason}.',
    hint: 'Move it away, and run `gensyn settle claim` again: it finds the claim on the chain and writes the record anew.',
  },
  'market.not-a-token': {
    kind: 'chain',
    title: 'Not a usable token',
    template: '{token} is not a usable ERC-20 token: {reason}.',
    hint: 'Check its address and the chain.',
  },
  'market.not-enough-tokens': {
    kind: 'chain',
    title: 'Account has too few tokens',
    template: '{account} has {have}, and offers {want} as a reward.',
    hint: 'Fund the account, or offer less.',
  },
  'market.already-deployed': {
    kind: 'usage',
    title: 'Contracts are recorded already',
    template: '{path} records contracts on chain {chain} already and was left as it is.',
    hint: 'Use those, or pass --force: bonds and rewards in the old contracts are then found only with a copy of the old record.',
  },
});
