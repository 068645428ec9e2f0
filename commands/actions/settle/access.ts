/** From the options of `gensyn settle` to a market, an account, and the chain's time. Loads viem. */
import { setTimeout as pause } from 'node:timers/promises';
import { getAddress, isAddress } from 'viem';
import type { Connection } from '../../../src/chain/connection.js';
import { deploymentsPath } from '../../../src/chain/deployments.js';
import { newestBlock } from '../../../src/chain/game-blocks.js';
import { type Market, openMarket } from '../../../src/chain/market.js';
import { createSender, type Sender } from '../../../src/chain/sender.js';
import { type Address, LOCAL_CHAIN_ID } from '../../../src/chain/signer.js';
import { fail, isGensynError } from '../../../src/errors/index.js';
import type { Invocation } from '../../context.js';
import type { MarketOptions, SendOptions } from '../../settle/options.js';
import { openConnection, openSigner } from '../chain-access.js';

/** A block of the chain, at which things are read. */
export interface Head {
  readonly block: bigint;
  /** Unix time in seconds: the chain's, which is what the contract goes by. */
  readonly time: number;
}

/** Seconds between blocks that plans are made with; local chains make one when it is wanted. */
const [BLOCK_TIME, LOCAL_BLOCK_TIME] = [12, 1];
const [CONFIRMATIONS, LOCAL_CONFIRMATIONS] = [2, 1];
const LOCAL_POLLING_MILLISECONDS = 50;
const [READ_ATTEMPTS, READ_PAUSE_MILLISECONDS] = [6, 1000];

/** The file that records the contracts of a chain: the path itself, or in that folder. */
export function deploymentsFile(path: string, chainId: number): string {
  return path.endsWith('.json') ? path : deploymentsPath(path, chainId);
}

/** Opens the market that the options name. @throws what connecting and opening a market throw */
export async function marketOf(options: MarketOptions, invocation: Invocation): Promise<Market> {
  const connection = await openConnection(options, invocation);
  return openMarket(connection, deploymentsFile(options.deployments, connection.chainId));
}

/** The account that the options name, as a sender. Only a sender of a dry run sends nothing. */
export async function senderOf(connection: Connection, options: SendOptions, invocation: Invocation): Promise<Sender> {
  const isLocal = connection.chainId === LOCAL_CHAIN_ID;
  return createSender({
    connection,
    signer: await openSigner(connection, options, invocation),
    dryRun: options.dryRun === true,
    confirmations: options.confirmations ?? (isLocal ? LOCAL_CONFIRMATIONS : CONFIRMATIONS),
    ...(isLocal ? { pollingMilliseconds: LOCAL_POLLING_MILLISECONDS } : {}),
    onOffer: ({ what, hash }) => invocation.progress.phase(`waiting for transaction ${hash} (to ${what})`),
    onAbandoned: ({ what, hash }) => invocation.warn(`transaction ${hash} (to ${what}) may still be mined`),
  });
}

/** The newest block. @throws what {@link newestBlock} throws */
export async function headOf(connection: Connection): Promise<Head> {
  const { number, time } = await newestBlock(connection);
  return { block: number, time };
}

/**
 * Reads what a transaction left, at its block. A node behind others can lag behind the one that told of the transaction,
 * which is no reason to fail after everything is done.
 */
export async function readBack<T>({ signal }: Invocation, read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === READ_ATTEMPTS || !isGensynError(error) || error.kind !== 'chain') throw error;
      await pause(READ_PAUSE_MILLISECONDS, undefined, { signal });
    }
  }
}

/** Seconds between the blocks of a chain, as far as advice needs them. */
export function blockTimeOf({ chainId }: Connection): number {
  return chainId === LOCAL_CHAIN_ID ? LOCAL_BLOCK_TIME : BLOCK_TIME;
}

/** An address from an option, checksummed. @throws `command.invalid-answer` for a wrong checksum */
export function addressOf(flag: string, text: Address): Address {
  if (isAddress(text)) return getAddress(text);
  throw fail('command.invalid-answer', { flag, given: text, reason: 'its checksum is wrong' });
}
