import { defineErrors } from '../kinds.js';

/** Disputes on a chain: games, evidence, and those who play. */
export const DISPUTE_ERRORS = defineErrors({
  'dispute.no-such-game': {
    kind: 'usage',
    title: 'Game does not exist',
    template: 'There is no game {id} at the contract {contract}.',
    hint: 'Check the number, the chain and the record of deployments; `gensyn dispute list` shows the games there are.',
  },
  'dispute.inconsistent': {
    kind: 'chain',
    title: 'Events and contract do not agree',
    template: 'The events of game {id} lead to the position {have}; the contract holds {want}.',
    hint: 'The node gives other events than the chain has, or has not all of them yet. Use another node; nothing was sent.',
  },
  'dispute.too-many-events': {
    kind: 'chain',
    title: 'More events than there can be',
    template: 'The node gives more than {limit} events for {what}.',
    hint: 'Use another node with --rpc-url, or ask for less.',
  },
  'dispute.other-job': {
    kind: 'usage',
    title: 'The claim is of another job',
    template: 'Claim {claim} is of the job {want}; the job given here is {have}.',
    hint: 'Name the job that was posted: the same file, data, steps and checkpoint interval.',
  },
  'dispute.other-run': {
    kind: 'usage',
    title: 'The run is not the claimed one',
    template: 'The run in {path} has other roots than claim {claim}.',
    hint: 'Name the run that was claimed; answers from another one would lose every game.',
  },
  'dispute.not-a-side': {
    kind: 'usage',
    title: 'Account plays no part in the game',
    template: 'Account {account} is neither the solver ({solver}) nor the challenger ({challenger}) of game {id}.',
    hint: 'Send from the account that made the claim or opened the game.',
  },
  'dispute.not-the-solver': {
    kind: 'usage',
    title: 'Account did not make the claim',
    template: 'Claim {claim} is of the solver {solver}; the account is {account}.',
    hint: 'Send from the account that made the claim, or only look on with --mode observe.',
  },
  'dispute.claim-over': {
    kind: 'chain',
    title: 'Claim cannot be disputed any more',
    template: 'Claim {claim} cannot be disputed: {reason}.',
    hint: 'Nothing was staked. A claim is open to disputes only while it is live and its window has not passed.',
  },
  'dispute.already-open': {
    kind: 'chain',
    title: 'Account disputes the claim already',
    template: '{account} has game {game} open against claim {claim}.',
    hint: 'Play it with `gensyn dispute watch --game {game}`: one game is enough, and a second costs a second bond. Nothing was sent.',
  },
  'dispute.evidence-invalid': {
    kind: 'integrity',
    title: 'Evidence file is not usable',
    template: '{path} is no evidence that gensyn wrote: {reason}.',
    hint: 'Make it again with `gensyn verify --claim <id> --job <job>`.',
  },
  'dispute.evidence-mismatch': {
    kind: 'integrity',
    title: 'Evidence is about something else',
    template: '{path}: {what} is {have}, and {want} on the chain.',
    hint: 'Use the evidence on the chain, contract and claim that it was made for, or make it again.',
  },
  'dispute.run-needed': {
    kind: 'usage',
    title: 'The published run is needed',
    template: 'The dispute begins at checkpoint {leaf}, whose state only the published run holds.',
    hint: 'Name the run folder as well, or make evidence by a full replay, without the run.',
  },
  'dispute.no-progress': {
    kind: 'chain',
    title: 'Moves fail again and again',
    template: 'A move in game {id} failed {times} times in the same position; the last time: {reason}.',
    hint: 'Look at the account, the node and the chain, and start again: the game goes on from where it stands.',
  },
});
