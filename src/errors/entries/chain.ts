import { defineErrors } from '../kinds.js';

/** Chains: the local one, and what contracts answer. */
export const CHAIN_ERRORS = defineErrors({
  'chain.anvil-missing': {
    kind: 'environment',
    title: 'Local chain is not installed',
    template: 'The program anvil, which runs a local chain, is neither installed from npm nor found as {program}.',
    hint: 'Install it beside gensyn with `npm install @foundry-rs/anvil`, or put the anvil of Foundry on the PATH.',
  },
  'chain.anvil-failed': {
    kind: 'environment',
    title: 'Local chain does not start',
    template: 'The local chain ({program}) did not start: {reason}.',
    hint: 'Run `anvil --version` to see whether it works on this machine; install it again if it does not.',
  },
  'chain.proof-refused': {
    kind: 'chain',
    title: 'Contract refused a proof',
    template: 'The contract {contract} did not execute the instruction: {reason}.',
    hint: 'Contract and program disagree on a format; check that both are of the same gensyn release, and report it.',
  },
});
