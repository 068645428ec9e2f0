/** Who plays in the demo: an account of the local chain each, and a book of everything that they send. */

import type { Call } from '../../../src/chain/call.js';
import type { Connection } from '../../../src/chain/connection.js';
import { persist } from '../../../src/chain/connection.js';
import { createSender, mustBeSent, type Sender, type Sent } from '../../../src/chain/sender.js';
import { type Address, unlockedSigner } from '../../../src/chain/signer.js';
import type { Io } from '../../io.js';

/** The solver is honest; the cheat is a solver, too. */
export const ROLES = ['client', 'solver', 'cheat', 'verifier'] as const;
export type Role = (typeof ROLES)[number];

/** A mined transaction. */
export interface Transaction {
  readonly by: Role;
  readonly what: string;
  readonly gas: bigint;
  /** Wei paid for gas. */
  readonly fee: bigint;
  /** From the simulation to the receipt. */
  readonly ms: number;
  /** When the receipt was there, on the clock of {@link Io.now}. */
  readonly at: number;
  readonly block: bigint;
  readonly txHash: `0x${string}`;
}

/** Everything that was sent, in order, by transaction hash. */
export type Book = Map<string, Transaction>;

export interface Actor {
  readonly role: Role;
  readonly address: Address;
  /** Writes into the book. */
  readonly sender: Sender;
  /** Wei before the story. */
  readonly before: bigint;
}

export type Cast = Readonly<Record<Role, Actor>>;

/** The first account of the chain deployed the contracts. */
const FIRST_ACCOUNT = 1;
const POLLING_MILLISECONDS = 50;

/** Gives each role an account. */
export async function createCast(connection: Connection, io: Io, book: Book): Promise<Cast> {
  const actors: Partial<Record<Role, Actor>> = {};
  for (const [at, role] of ROLES.entries()) {
    const signer = await unlockedSigner(connection, String(FIRST_ACCOUNT + at));
    const sender = createSender({ connection, signer, pollingMilliseconds: POLLING_MILLISECONDS });
    const { address } = signer;
    const before = await balanceOf(connection, address);
    actors[role] = { role, address, sender: recording(sender, role, io, book), before };
  }
  return actors as Cast;
}

/** Wei of an account in the newest block. */
export function balanceOf(connection: Connection, address: Address): Promise<bigint> {
  return persist(connection, () => connection.client.getBalance({ address }));
}

/** Sends a call of an actor, and gives its entry in the book too. */
export async function sent(
  { sender }: Actor,
  call: Call,
  book: Book,
): Promise<{ readonly sent: Sent; readonly entry: Transaction }> {
  const result = mustBeSent(await sender.send(call));
  return { sent: result, entry: book.get(result.hash)! };
}

function recording(inner: Sender, by: Role, io: Io, book: Book): Sender {
  return {
    address: inner.address,
    prepare: (call) => inner.prepare(call),
    send: async (call) => {
      const began = io.now();
      const result = mustBeSent(await inner.send(call));
      const { what, gasUsed: gas, fee, block, hash: txHash } = result;
      const at = io.now();
      book.set(txHash, { by, what, gas, fee, ms: at - began, at, block, txHash });
      return result;
    },
  };
}
