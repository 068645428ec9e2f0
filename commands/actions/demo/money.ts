/** The last chapter: everybody takes out what is his, and the contract is left with nothing. */
import { readCredit, readJob } from '../../../src/chain/market.js';
import { BURNT, burnCall, cancelCall, withdrawCall } from '../../../src/chain/market-calls.js';
import type { Address } from '../../../src/chain/signer.js';
import { ETHER } from '../../../src/chain/terms.js';
import { ether } from '../settle/text.js';
import { balanceOf, ROLES, type Role, sent } from './cast.js';
import { REWARD } from './market-steps.js';
import type { Stage } from './stage.js';

/** An account before and after the story, in wei. */
export interface Balance {
  readonly role: Role;
  readonly address: Address;
  readonly before: bigint;
  readonly after: bigint;
  /** After less before. */
  readonly difference: bigint;
  readonly gasPaid: bigint;
}

/** Where all of the ether went. */
export interface Balances {
  readonly accounts: readonly Balance[];
  readonly burnt: bigint;
  /** What the contract still holds. */
  readonly contract: bigint;
  /** Differences, gas, burnt and the contract's together: 0, or ether came from nowhere. */
  readonly sum: bigint;
}

/** An actor withdraws his credit; one who has none does nothing. */
export async function withdraw(stage: Stage, role: Role): Promise<void> {
  const { market, cast, book, story } = stage;
  const { address } = cast[role];
  const credit = await readCredit(market, ETHER, address);
  if (credit === 0n) {
    story.tell(role, 'has nothing to withdraw');
    return;
  }
  const { entry } = await sent(cast[role], withdrawCall(market, ETHER, address), book);
  story.tell(role, `withdraws ${ether(credit)}`, entry);
}

/** Plays the chapter. @param job - the cheat's, which is open again after the fall of his claim */
export async function moneyChapter(stage: Stage, job: bigint): Promise<Balances> {
  const { market, cast, book, story } = stage;
  story.chapter('4  Everybody takes out what is his');
  const { status } = await readJob(market, job);
  if (status === 'open') {
    const { entry } = await sent(cast.client, cancelCall(market, job), book);
    story.tell('client', `takes back the ${ether(REWARD)} of job ${job}, which is open again`, entry);
  }
  for (const role of ROLES) await withdraw(stage, role);
  const toBurn = await readCredit(market, ETHER, BURNT);
  if (toBurn > 0n) {
    const { entry } = await sent(cast.client, burnCall(market), book);
    story.tell('client', `sends the ${ether(toBurn)} that were burnt out of the contract, as anybody may`, entry);
  }
  return balancesOf(stage);
}

async function balancesOf({ market, cast, book }: Stage): Promise<Balances> {
  const { connection, address: contract } = market;
  const entries = [...book.values()];
  const accounts: Balance[] = [];
  for (const role of ROLES) {
    const { address, before } = cast[role];
    const after = await balanceOf(connection, address);
    const gasPaid = entries.filter(({ by }) => by === role).reduce((sum, { fee }) => sum + fee, 0n);
    accounts.push({ role, address, before, after, difference: after - before, gasPaid });
  }
  const [burnt, held] = [await balanceOf(connection, BURNT), await balanceOf(connection, contract)];
  const sum = accounts.reduce((total, { difference, gasPaid }) => total + difference + gasPaid, burnt + held);
  return { accounts, burnt, contract: held, sum };
}
