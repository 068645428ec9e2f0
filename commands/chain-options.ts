/** The options of commands that read or write a chain; `actions/chain-access.ts` holds what they lead to. */
import type { Command } from 'commander';

export interface NodeOptions {
  /** Address of the node; else `ETH_RPC_URL`. */
  readonly rpcUrl?: string;
}

export interface AccountOptions {
  /** Path of a keystore file; else `ETH_KEYSTORE`. */
  readonly keystore?: string;
  /** Path of the file with its password, or `-`. */
  readonly passwordFile?: string;
  /** Number or address of an account that a local node holds. */
  readonly unlocked?: string;
}

/** Adds `--rpc-url`. */
export function addNodeOptions(command: Command): Command {
  return command.option('--rpc-url <url>', 'node of the chain (also: ETH_RPC_URL)');
}

/** Adds the ways to name who sends. */
export function addAccountOptions(command: Command): Command {
  return command
    .optionsGroup('Account:')
    .option('--keystore <file>', 'key file to send from (also: ETH_KEYSTORE)')
    .option('--password-file <file>', 'file with its password, - for stdin; asked for where there is none')
    .option('--unlocked <account>', 'number or address of an account of a local chain, instead of a key file');
}
