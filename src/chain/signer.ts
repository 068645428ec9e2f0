/** Who sends: a key from a file, or an account that a local node holds. Either signs; neither sends. */
import { getAddress, isAddress, type TransactionSerializableEIP1559, toHex } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { fail } from '../errors/index.js';
import { type Connection, request } from './connection.js';

export type Address = `0x${string}`;

/** A transaction with everything decided. */
export type Unsigned = TransactionSerializableEIP1559;

/** Signs for one account. */
export interface Signer {
  readonly address: Address;
  /** The transaction as it goes over the wire. */
  sign(transaction: Unsigned): Promise<`0x${string}`>;
}

/** The chain id that local chains have, and the only one where keys may be left to the node. */
export const LOCAL_CHAIN_ID = 31337;

/** Signs with a key that this process holds. */
export function keySigner(account: PrivateKeyAccount): Signer {
  return { address: account.address, sign: (transaction) => account.signTransaction(transaction) };
}

/**
 * Has a local node sign with an account that it holds.
 *
 * @param which - its number from 0, or its address
 * @throws `chain.unlocked-elsewhere`, `chain.not-unlocked`
 */
export async function unlockedSigner(connection: Connection, which: string): Promise<Signer> {
  const { chainId, node } = connection;
  if (chainId !== LOCAL_CHAIN_ID) throw fail('chain.unlocked-elsewhere', { have: chainId, want: LOCAL_CHAIN_ID });
  const answer = await request(connection, 'eth_accounts');
  const accounts = (Array.isArray(answer) ? answer : []).filter(isAddressText).map((it) => getAddress(it));
  const wanted = isAddressText(which) ? getAddress(which) : accounts[numberOf(which)];
  if (wanted === undefined || !accounts.includes(wanted)) {
    throw fail('chain.not-unlocked', { node, account: JSON.stringify(which.slice(0, 80)), count: accounts.length });
  }
  return {
    address: wanted,
    sign: (transaction) => signThere(connection, wanted, transaction),
  };
}

function isAddressText(value: unknown): value is Address {
  return typeof value === 'string' && isAddress(value, { strict: false });
}

function numberOf(text: string): number {
  return /^(?:0|[1-9][0-9]{0,5})$/.test(text) ? Number(text) : -1;
}

async function signThere(connection: Connection, from: Address, transaction: Unsigned): Promise<`0x${string}`> {
  const { to, data, value, gas, nonce, maxFeePerGas, maxPriorityFeePerGas, chainId } = transaction;
  const numbers = { value: value ?? 0n, gas: gas!, nonce: nonce!, maxFeePerGas: maxFeePerGas! };
  const quantities = Object.entries({ ...numbers, maxPriorityFeePerGas: maxPriorityFeePerGas!, chainId }).map(
    ([name, number]) => [name, toHex(number)],
  );
  const call = { from, ...(to ? { to } : {}), data, type: '0x2', ...Object.fromEntries(quantities) };
  const raw = await request(connection, 'eth_signTransaction', [call]);
  if (typeof raw === 'string' && /^0x02[0-9a-f]+$/.test(raw)) return raw as `0x${string}`;
  throw fail('chain.invalid-answer', { node: connection.node, method: 'eth_signTransaction', reason: typeof raw });
}
