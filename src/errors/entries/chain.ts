import { defineErrors } from '../kinds.js';

/** Chains: the local one, nodes, keys, transactions, and what contracts answer. */
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
  'chain.no-rpc-url': {
    kind: 'usage',
    title: 'No chain was named',
    template: 'No chain was named: there is neither --rpc-url nor ETH_RPC_URL.',
    hint: 'Pass --rpc-url with the address of a node; `gensyn devnet` starts one here.',
  },
  'chain.rpc-url-invalid': {
    kind: 'usage',
    title: 'Address of a node is not usable',
    template: 'The address of the node is not usable: {reason}.',
    hint: 'Pass one such as http://127.0.0.1:8545 or https://node.example.',
  },
  'chain.rpc-unreachable': {
    kind: 'chain',
    title: 'Node does not answer',
    template: 'The node at {node} does not answer: {reason}.',
    hint: 'Check the address and the network. Nothing is lost: the same command goes on where the chain stands.',
  },
  'chain.rpc-failed': {
    kind: 'chain',
    title: 'Node refused a request',
    template: 'The node at {node} refused a request: {reason}.',
    hint: 'Check what the node supports and allows, or use another one with --rpc-url.',
  },
  'chain.wrong-chain': {
    kind: 'chain',
    title: 'Another chain',
    template: 'The node at {node} serves chain {have}; chain {want} was asked for.',
    hint: 'Use a node of chain {want}, or name the other chain.',
  },
  'chain.reverted': {
    kind: 'chain',
    title: 'Contract refused a call',
    template: 'The contract refused to {what}: {error}.',
    hint: 'Nothing was sent. Look at what it has and what it wants; the state of the chain may have changed meanwhile.',
  },
  'chain.transaction-failed': {
    kind: 'chain',
    title: 'Transaction failed on the chain',
    template: 'Transaction {hash} (to {what}) failed in block {block}: {error}.',
    hint: 'It cost its gas and changed nothing else; the state changed after the simulation. Run the command again.',
  },
  'chain.nonce-used': {
    kind: 'chain',
    title: 'Another transaction took the nonce',
    template: 'Nonce {nonce} of {account} was used by another transaction than {hash} (to {what}).',
    hint: 'Somebody else sends from this account; use one account for one process, and run the command again.',
  },
  'chain.not-mined': {
    kind: 'chain',
    title: 'Transaction is not mined',
    template: 'Transaction {hash} (to {what}) was not mined after {seconds} s, with {raises} raises of its fee.',
    hint: 'It may still be mined. Look for it on the chain before sending anything else from this account.',
  },
  'chain.insufficient-funds': {
    kind: 'chain',
    title: 'Account cannot pay',
    template: '{account} has {have} wei, and needs {want} wei to {what}.',
    hint: 'Fund the account, or use another one.',
  },
  'chain.invalid-answer': {
    kind: 'chain',
    title: 'Node gave a nonsensical answer',
    template: 'The node at {node} answered {method} with something else than it should: {reason}.',
    hint: 'Use another node with --rpc-url.',
  },
  'chain.no-deployment': {
    kind: 'chain',
    title: 'No contract is recorded',
    template: '{path} records no {contract} on chain {chain}.',
    hint: 'Deploy the contracts, or name the file that records them.',
  },
  'chain.deployments-invalid': {
    kind: 'integrity',
    title: 'Record of deployments is damaged',
    template: '{path} is not a record of deployments: {reason}.',
    hint: 'Get the file again from whoever deployed the contracts.',
  },
  'chain.deployment-mismatch': {
    kind: 'integrity',
    title: 'Recorded contract is another one',
    template: '{contract} at {address}: {what} is {have}, and should be {want}.',
    hint: 'Do not use it: chain, record and this release of gensyn do not belong together.',
  },
  'chain.keystore-invalid': {
    kind: 'auth',
    title: 'Key file is not usable',
    template: '{path} is not a usable keystore: {reason}.',
    hint: 'Pass a Web3 Secret Storage file of version 3, as geth, cast and MetaMask tools write it.',
  },
  'chain.keystore-too-costly': {
    kind: 'auth',
    title: 'Key file asks for too much work',
    template: '{path} wants {parameter} = {have}; at most {limit} is allowed.',
    hint: 'Make the file again with usual parameters, for example with `cast wallet import`.',
  },
  'chain.wrong-password': {
    kind: 'auth',
    title: 'Wrong password',
    template: 'The password does not open {path}.',
    hint: 'Check the password and the file; a password file may end with one line break, which is not part of it.',
  },
  'chain.password-invalid': {
    kind: 'auth',
    title: 'Password is not usable',
    template: 'The password from {source} is not usable: {reason}.',
    hint: 'Put the password alone, as UTF-8 text, into the file.',
  },
  'chain.no-account': {
    kind: 'auth',
    title: 'No account to send from',
    template: 'No account was named to send from.',
    hint: 'Pass --keystore with a file, or --unlocked 0 on a local chain.',
  },
  'chain.unlocked-elsewhere': {
    kind: 'auth',
    title: 'Unlocked accounts are for the local chain',
    template: '--unlocked works on chain {want} only; this is chain {have}.',
    hint: 'Use --keystore.',
  },
  'chain.not-unlocked': {
    kind: 'auth',
    title: 'Node does not hold that account',
    template: 'The node at {node} holds no account {account}; it has {count}.',
    hint: 'Pass the number or the address of one that it holds.',
  },
});
