/** ERC-20 tokens as rewards. A token is a stranger's contract: what it says is bounded before it is shown. */
import { encodeFunctionData, erc20Abi, parseAbi } from 'viem';
import { fail, isGensynError } from '../errors/index.js';
import type { Call } from './call.js';
import { type Connection, persist } from './connection.js';
import { printable } from './revert.js';
import type { Address } from './signer.js';
import { ETHER } from './terms.js';

/** What an amount is counted in. */
export interface Token {
  /** {@link ETHER} for ether. */
  readonly address: Address;
  readonly symbol: string;
  /** Digits behind the decimal point. */
  readonly decimals: number;
}

export const ETHER_TOKEN: Token = { address: ETHER, symbol: 'ETH', decimals: 18 };

/** More digits than any amount of a reward has. */
const MAX_DECIMALS = 38;
const MAX_SYMBOL = 16;

/** Errors of ERC-6093, by which today's tokens refuse. */
const TOKEN_ERRORS = parseAbi([
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InvalidSpender(address spender)',
]);

/** Reads what a token calls itself and its decimals; ether needs no reading. @throws `market.not-a-token` */
export async function readToken(connection: Connection, address: Address): Promise<Token> {
  if (address === ETHER) return ETHER_TOKEN;
  const decimals = await ask(connection, address, 'decimals', () =>
    connection.client.readContract({ address, abi: erc20Abi, functionName: 'decimals' }),
  );
  if (decimals > MAX_DECIMALS)
    throw fail('market.not-a-token', { token: address, reason: `it has ${decimals} decimals` });
  // Many tokens have none, or one of another type.
  const symbol = await ask(connection, address, 'symbol', () =>
    connection.client.readContract({ address, abi: erc20Abi, functionName: 'symbol' }),
  ).catch((error: unknown) => {
    if (isGensynError(error, 'market.not-a-token')) return '';
    throw error;
  });
  return { address, symbol: printable(symbol).slice(0, MAX_SYMBOL) || 'units', decimals };
}

/** What an account has of a token, and what the spender may take of it. */
export async function readAllowance(connection: Connection, token: Address, owner: Address, spender: Address) {
  const read = { address: token, abi: erc20Abi } as const;
  const balance = await ask(connection, token, 'balanceOf', () =>
    connection.client.readContract({ ...read, functionName: 'balanceOf', args: [owner] }),
  );
  const allowance = await ask(connection, token, 'allowance', () =>
    connection.client.readContract({ ...read, functionName: 'allowance', args: [owner, spender] }),
  );
  return { balance, allowance };
}

/** Allows a spender to take exactly this much. */
export function approveCall(token: Token, spender: Address, amount: bigint): Call {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] });
  return { what: `approve the reward in ${token.symbol}`, to: token.address, data, errors: TOKEN_ERRORS };
}

async function ask<T>(connection: Connection, token: Address, method: string, work: () => Promise<T>): Promise<T> {
  try {
    return await persist(connection, work);
  } catch (error) {
    if (isGensynError(error) || connection.patience.signal?.aborted === true) throw error;
    throw fail('market.not-a-token', { token, reason: `it does not answer ${method}` }, { cause: error });
  }
}
