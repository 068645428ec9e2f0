/** A call before it becomes a transaction: simulated, its gas and cost known. Nothing here sends. */
import { type Abi, formatEther } from 'viem';
import { fail, type GensynError, isGensynError } from '../errors/index.js';
import { type Connection, persist } from './connection.js';
import { currentFees, type Fees, highest } from './fees.js';
import { decodeRevert, revertData } from './revert.js';
import { type Address, LOCAL_CHAIN_ID } from './signer.js';

type Hex = `0x${string}`;

/** What is to be done on the chain. */
export interface Call {
  /** In words, behind "to": `deploy Referee`. */
  readonly what: string;
  /** Null to make a contract. */
  readonly to: Address | null;
  readonly data: Hex;
  /** Wei. */
  readonly value?: bigint;
  /** Gas limit, where it is known better than by estimation. */
  readonly gas?: bigint;
  /** Errors beyond those of our contracts, such as a token's. */
  readonly errors?: Abi;
}

/** A call that works as the chain stands, and what it takes. */
export interface PreparedCall {
  readonly what: string;
  readonly from: Address;
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: bigint;
  /** Gas limit of the transaction. */
  readonly gas: bigint;
  readonly fees: Fees;
  /** Wei that can be spent at most, the value and every raise of the fee included. */
  readonly largestCost: bigint;
  /** What the call returned in the simulation. */
  readonly returned: Hex;
  readonly errors: Abi;
}

/** The largest transaction that chains take since Osaka (EIP-7825). */
const MAX_GAS = 1n << 24n;

/**
 * Simulates a call on the newest block; where it is only too early there, and the chain a local one, on the next.
 *
 * @throws `chain.reverted` with the contract's error and its arguments as data; `chain.insufficient-funds`; what
 *   {@link persist} throws
 */
export async function prepare(connection: Connection, from: Address, call: Call): Promise<PreparedCall> {
  const { what, to, data, value = 0n, errors = [] } = call;
  const { returned, gas } = await tried(connection, from, call);
  const fees = await currentFees(connection);
  const largestCost = value + gas * highest(fees).maxFeePerGas;
  const have = await persist(connection, () => connection.client.getBalance({ address: from }));
  const want = value + gas * fees.maxFeePerGas;
  if (have < want) throw fail('chain.insufficient-funds', { account: from, have, want, what });
  return { what, from, to, data, value, gas, fees, largestCost, returned, errors };
}

/** A block by its number; the newest one; or the one that the node would make next, with what waits in its pool. */
type Block = bigint | 'latest' | 'pending';

/**
 * What a call returns, and the gas it takes. On the local chain, which makes blocks for transactions alone, no block shows
 * that a time has come, so that the next one is asked for calls that are too early. Elsewhere it is never asked: it holds
 * transactions of strangers that may never be mined, and the time of a node whose clock may be ahead of the chain.
 */
async function tried(connection: Connection, from: Address, call: Call): Promise<{ returned: Hex; gas: bigint }> {
  const on = async (block: 'latest' | 'pending') => {
    const returned = await simulate(connection, from, call, block);
    return { returned, gas: call.gas ?? (await estimate(connection, from, call, block)) };
  };
  try {
    return await on('latest');
  } catch (early) {
    const isTooEarly = isGensynError(early, 'chain.reverted') && early.data['name'] === 'TooEarly';
    if (!isTooEarly || connection.chainId !== LOCAL_CHAIN_ID) throw early;
    return on('pending').catch((error: unknown) => {
      throw isGensynError(error) ? early : error;
    });
  }
}

/** What the call returns. @throws `chain.reverted` */
export async function simulate(
  connection: Connection,
  from: Address,
  { what, to, data, value = 0n, gas, errors = [] }: Call,
  block: Block,
): Promise<Hex> {
  const at = typeof block === 'bigint' ? { blockNumber: block } : { blockTag: block };
  const call = { account: from, to, data, value, ...(gas === undefined ? {} : { gas }), ...at };
  const answer = await persist(connection, () => connection.client.call(call)).catch((error) =>
    refuse(connection, error, what, errors, { account: from, want: value }),
  );
  return answer.data ?? '0x';
}

async function estimate(
  connection: Connection,
  from: Address,
  { what, to, data, value = 0n, errors = [] }: Call,
  blockTag: 'latest' | 'pending',
): Promise<bigint> {
  const request = { account: from, ...(to === null ? {} : { to }), data, value, blockTag };
  const gas = await persist(connection, () => connection.client.estimateGas(request)).catch((error) =>
    refuse(connection, error, what, errors, { account: from, want: value }),
  );
  // A sixth more: what is spent can depend on the block.
  const padded = (gas * 7n) / 6n;
  return padded > MAX_GAS ? MAX_GAS : padded;
}

/** The catalogue's error for a call that does not work. */
async function refuse(
  connection: Connection,
  error: unknown,
  what: string,
  errors: Abi,
  { account, want }: { account: Address; want: bigint },
): Promise<never> {
  const data = revertData(error);
  if (data !== null) throw reverted(data, what, errors, error);
  const have = await persist(connection, () => connection.client.getBalance({ address: account }));
  if (have < want) throw fail('chain.insufficient-funds', { account, have, want, what }, { cause: error });
  throw error;
}

function reverted(data: Hex, what: string, errors: Abi, cause: unknown): GensynError {
  const { name, args, text } = decodeRevert(data, errors);
  return fail('chain.reverted', { what, error: text }, { cause, data: { name, args } });
}

/** The call as lines for people: what `--dry-run` shows. */
export function describeCall(call: PreparedCall): readonly (readonly [name: string, value: string])[] {
  return [
    ['to', call.to ?? 'a new contract'],
    ['from', call.from],
    ['value', `${formatEther(call.value)} ETH`],
    ['gas', `at most ${call.gas}`],
    ['cost', `at most ${formatEther(call.largestCost)} ETH`],
    ['calldata', call.data],
  ];
}
