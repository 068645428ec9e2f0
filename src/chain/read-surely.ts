/** Readings that every right node answers. */
import { fail, isGensynError } from '../errors/index.js';
import { type Connection, persist } from './connection.js';
import { causesOf, printable } from './revert.js';

/**
 * Asks for what is always there and reverts at nothing, such as a view of our own contract or the newest block: whatever
 * else comes back is the node's mistake.
 *
 * @param method - what is asked for, for messages
 * @throws `chain.invalid-answer`, and what {@link persist} throws
 */
export async function readSurely<T>(connection: Connection, method: string, work: () => Promise<T>): Promise<T> {
  try {
    return await persist(connection, work);
  } catch (error) {
    if (isGensynError(error) || causesOf(error).some(({ name }: { name?: string }) => name === 'AbortError'))
      throw error;
    const reason = printable((error as { shortMessage?: unknown }).shortMessage ?? error);
    throw fail('chain.invalid-answer', { node: connection.node, method, reason }, { cause: error });
  }
}
