/** What somebody puts at stake before he does it: bond, largest loss, longest delay, gas. docs/settle.md explains it. */
import { currentFees } from './fees.js';
import type { Market } from './market.js';
import { ETHER, type Terms } from './terms.js';

export type Role = 'client' | 'solver' | 'challenger';

/** Amounts are wei unless told; gas prices are those of the moment. */
export interface StakeQuote {
  readonly role: Role;
  /** What the contract asks for in the newest block. */
  readonly requiredBond: bigint;
  /** What is sent, so that it is still enough when the base fee doubles before it is mined. All of it is the bond. */
  readonly bond: bigint;
  /**
   * Bond, reward paid in ether, the expected gas, and the gas of one game at the most. A solver in several games at once pays gas for each;
   * whoever loses one against him pays him more than that.
   */
  readonly largestLoss: bigint;
  /** Seconds until everything is decided, whatever others do. */
  readonly longestDelay: number;
  /** Of everything this side sends if all goes well; a challenger's whole game at the most. */
  readonly expectedGas: bigint;
  /** At the present base fee and tip. */
  readonly expectedGasCost: bigint;
  /** Gas that one game costs this side at the most; 0 for a client, who plays none. */
  readonly gasOfGame: bigint;
  /** Wei for one gas. */
  readonly gasPrice: bigint;
}

/** The contract's: a bond covers the gas of so many games of a solver. */
const BOND_GAMES = { solver: 20n, challenger: 4n } as const;

/** A bond stays enough while the base fee stays below so many times the present one: what the fee cap allows, too. */
const HEADROOM = 2n;

/** Gas of each transaction, rounded up (docs/market.md); test/settle compares the sums with what is spent. */
const GAS = {
  post: 190_000n,
  /** What a token's approval and transfer add. */
  token: 120_000n,
  take: 70_000n,
  claim: 135_000n,
  finalize: 70_000n,
  withdraw: 40_000n,
} as const;

/**
 * What taking, disputing or posting a job puts at stake.
 *
 * @param job - a posted job, or only its terms
 * @param now - Unix time in seconds
 * @throws `chain.invalid-answer` and what `persist` throws
 */
export async function stakeQuote(
  market: Market,
  role: Role,
  { terms }: { readonly terms: Terms },
  now: number = Math.floor(Date.now() / 1000),
): Promise<StakeQuote> {
  const { maxFeePerGas, maxPriorityFeePerGas: tip } = await currentFees(market.connection);
  const baseFee = (maxFeePerGas - tip) / 2n;
  const gasPrice = baseFee + tip;
  const bondAt = (fee: bigint): bigint => bondOf(market, role, terms, fee);
  const { expectedGas, gasOfGame } = gasFor(market, role, terms);
  const bond = bondAt(HEADROOM * baseFee);
  const reward = role === 'client' && terms.token === ETHER ? terms.reward : 0n;
  const games = role === 'challenger' ? 0n : gasOfGame;
  return {
    role,
    requiredBond: bondAt(baseFee),
    bond,
    largestLoss: bond + reward + (expectedGas + games) * gasPrice,
    longestDelay: delayOf(role, terms, now),
    expectedGas,
    expectedGasCost: expectedGas * gasPrice,
    gasOfGame,
    gasPrice,
  };
}

function bondOf({ limits }: Market, role: Role, { minBond }: Terms, baseFee: bigint): bigint {
  if (role === 'client') return 0n;
  const games = BOND_GAMES[role] * BigInt(limits.solverGas) * baseFee;
  return role === 'solver' && minBond > games ? minBond : games;
}

function gasFor(
  { limits }: Market,
  role: Role,
  { token }: Terms,
): { readonly expectedGas: bigint; readonly gasOfGame: bigint } {
  if (role === 'client') return { expectedGas: GAS.post + (token === ETHER ? 0n : GAS.token), gasOfGame: 0n };
  if (role === 'solver') {
    const expectedGas = GAS.take + GAS.claim + GAS.finalize + GAS.withdraw;
    return { expectedGas, gasOfGame: BigInt(limits.solverGas) };
  }
  return { expectedGas: BigInt(limits.challengerGas), gasOfGame: BigInt(limits.challengerGas) };
}

/** The longest way to the end: a game opened in the last second of a window, with both clocks run down. */
function delayOf(role: Role, { trainTime, window, clock, openUntil }: Terms, now: number): number {
  if (role === 'challenger') return 2 * clock;
  const solving = trainTime + window + 2 * clock;
  return role === 'solver' ? solving : Math.max(0, openUntil - now) + solving;
}
