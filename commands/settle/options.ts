/** The options that commands of `gensyn settle` have in common. */
import type { Command } from 'commander';
import { type AccountOptions, addAccountOptions, addNodeOptions, type NodeOptions } from '../chain-options.js';
import { wholeNumber } from '../parse-values.js';
import { amount } from './parse.js';

/** Which market on which chain. */
export interface MarketOptions extends NodeOptions {
  /** Record of deployments, or the folder of records. */
  readonly deployments: string;
}

/** What sends a transaction. */
export interface SendOptions extends MarketOptions, AccountOptions {
  readonly dryRun?: boolean;
  /** Blocks, the transaction's own one included. */
  readonly confirmations?: number;
}

/** What stakes something, or costs more than a little gas. */
export interface StakeOptions extends SendOptions {
  readonly yes?: boolean;
}

/** What puts up a bond, of which the node's base fee decides how large it is. */
export interface BondOptions extends StakeOptions {
  /** In ether, as text. */
  readonly maxBond?: string;
}

const DEFAULT_DEPLOYMENTS = 'deployments';

/** Adds `--rpc-url` and `--deployments`. */
export function addMarketOptions(command: Command): Command {
  command.optionsGroup('Chain:');
  return addNodeOptions(command).option(
    '--deployments <path>',
    'record of the deployed contracts, or the folder of <chain id>.json',
    DEFAULT_DEPLOYMENTS,
  );
}

/** Adds `--rpc-url`, `--deployments` and `--confirmations`. */
export function addConfirmedOptions(command: Command): Command {
  return addMarketOptions(command).option(
    '--confirmations <n>',
    'blocks to wait for; 2, or 1 on a local chain',
    wholeNumber(1, 1000),
  );
}

/** Adds all that a transaction needs. */
export function addSendOptions(command: Command): Command {
  addConfirmedOptions(command).option('--dry-run', 'simulate, show calldata and cost, and send nothing');
  return addAccountOptions(command);
}

/** Adds all that a transaction needs which is asked about before. */
export function addStakeOptions(command: Command): Command {
  return addSendOptions(command.option('-y, --yes', 'do not ask before sending'));
}

/** Adds all that a transaction with a bond needs. */
export function addBondOptions(command: Command): Command {
  return addStakeOptions(command.option('--max-bond <ether>', 'refuse to put up a larger bond than this', amount));
}
