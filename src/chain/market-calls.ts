/** What may be done on the market, as calls for the sender. */
import { encodeFunctionData } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { type Hash, toHex } from '../commitments/hash.js';
import type { Call } from './call.js';
import type { Market, PostedJob } from './market.js';
import type { Address } from './signer.js';
import { ETHER, type Terms, termsArgument } from './terms.js';

/** Offers a job. Ether for the reward goes along; a token must have been approved before. */
export function postCall({ address: to }: Market, terms: Terms): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'post', args: [termsArgument(terms)] });
  return { what: 'post the job', to, data, value: terms.token === ETHER ? terms.reward : 0n };
}

/** Takes a job under the terms that were read, whatever its number means by then. @param bond - wei */
export function takeCall(
  { address: to }: Market,
  { id, termsHash }: Pick<PostedJob, 'id' | 'termsHash'>,
  bond: bigint,
): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'take', args: [id, toHex(termsHash)] });
  return { what: `take job ${id}`, to, data, value: bond };
}

/** Claims a result of a job that the sender has taken. */
export function claimCall({ address: to }: Market, job: bigint, finalRoot: Hash, traceRoot: Hash): Call {
  const args = [job, toHex(finalRoot), toHex(traceRoot)] as const;
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'claim', args });
  return { what: `claim the result of job ${job}`, to, data };
}

/** Ends a claim that has stood its window. */
export function finalizeCall({ address: to }: Market, claim: bigint): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'finalize', args: [claim] });
  return { what: `finalize claim ${claim}`, to, data };
}

/** Ends what has run out of time. */
export function expireCall({ address: to }: Market, job: bigint): Call {
  return {
    what: `expire job ${job}`,
    to,
    data: encodeFunctionData({ abi: gameAbi, functionName: 'expire', args: [job] }),
  };
}

/** Takes back an offer that nobody has taken. */
export function cancelCall({ address: to }: Market, job: bigint): Call {
  return {
    what: `cancel job ${job}`,
    to,
    data: encodeFunctionData({ abi: gameAbi, functionName: 'cancel', args: [job] }),
  };
}

/** Sends what the caller has of a token to an account. @param token - {@link ETHER} for ether */
export function withdrawCall({ address: to }: Market, token: Address, receiver: Address): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'withdraw', args: [token, receiver] });
  return { what: 'withdraw', to, data };
}

/** Where what was burnt goes; nobody has its key. The contract's `BURN`. */
export const BURNT: Address = '0x000000000000000000000000000000000000dEaD';

/** Sends what was burnt out of the contract. Anybody may. */
export function burnCall({ address: to }: Market): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'burn' });
  return { what: 'send what was burnt out of the contract', to, data };
}
