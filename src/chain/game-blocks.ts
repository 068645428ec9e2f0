/** Blocks as a player sees them: one to read everything at, whether it still stands, and what time it is. */
import { fail } from '../errors/index.js';
import { type Connection, persist } from './connection.js';
import { readSurely } from './read-surely.js';

type Hex = `0x${string}`;

/** A block that answers are read at. */
export interface BlockMark {
  readonly number: bigint;
  readonly hash: Hex;
  /** Unix time in seconds. */
  readonly time: number;
}

/** No clock of a contract reaches further; what a node says beyond is refused. */
const MAX_TIME = 2n ** 40n;
const METHOD = 'eth_getBlockByNumber';

/** The newest block. @throws `chain.invalid-answer`, `chain.rpc-unreachable`, `chain.rpc-failed` */
export async function newestBlock(connection: Connection): Promise<BlockMark> {
  const { number, hash, timestamp } = await readSurely(connection, METHOD, () =>
    connection.client.getBlock({ blockTag: 'latest' }),
  );
  if (typeof number !== 'bigint' || !isHash(hash)) {
    throw fail('chain.invalid-answer', {
      node: connection.node,
      method: METHOD,
      reason: 'it has no number or no hash',
    });
  }
  return { number, hash, time: checkedTime(connection, timestamp) };
}

/** True where the chain still holds the block: what was read at its number was read of it. */
export async function stillStands(connection: Connection, { number, hash }: BlockMark): Promise<boolean> {
  const again = await readSurely(connection, METHOD, () =>
    connection.client.getBlock({ blockNumber: number }).catch((error: unknown) => {
      // A node that has gone back no longer has the number.
      if ((error as { name?: unknown }).name === 'BlockNotFoundError') return null;
      throw error;
    }),
  );
  return again !== null && again.hash === hash;
}

/** The time of a block by its number, as Unix time. */
export async function timeOf(connection: Connection, blockNumber: bigint): Promise<number> {
  const { timestamp } = await readSurely(connection, METHOD, () => connection.client.getBlock({ blockNumber }));
  return checkedTime(connection, timestamp);
}

/**
 * The time that the next block would have, as far as the node tells; else that of the newest one. On chains that make
 * blocks only for transactions, time passes without any.
 */
export async function nextBlockTime(connection: Connection, newest: BlockMark): Promise<number> {
  const pending = await persist(connection, () => connection.client.getBlock({ blockTag: 'pending' })).catch(
    () => null,
  );
  return pending === null ? newest.time : Math.max(newest.time, checkedTime(connection, pending.timestamp));
}

function checkedTime({ node }: Connection, timestamp: unknown): number {
  if (typeof timestamp === 'bigint' && timestamp >= 0n && timestamp < MAX_TIME) return Number(timestamp);
  throw fail('chain.invalid-answer', { node, method: METHOD, reason: 'its time is none' });
}

/** viem passes the fields of a block on as the node wrote them. */
function isHash(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value);
}
