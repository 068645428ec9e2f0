/** The end of a story: everybody takes out what is his, and the contract must be left with nothing. */
import { type Arena, NO_ADDRESS } from './arena.js';
import type { Staged, Table } from './stage.js';

const BURN = '0x000000000000000000000000000000000000dEaD';
const LIVE = 1;
const FALLEN = 3;
const OVER = 3;

export interface Settled {
  /** What each account has withdrawn, in wei. */
  readonly paid: ReadonlyMap<string, bigint>;
  readonly burnt: bigint;
}

/** Collects, finalizes or cancels, withdraws and burns, all of it by whoever may. @throws unless the balance is then 0 */
export async function settleAll(arena: Arena, staged: readonly Staged[], tables: readonly Table[]): Promise<Settled> {
  let time = (await arena.now()) + 1;
  for (const { id, staged: of } of tables) {
    const { turn } = (await arena.read('getGame', id)) as { turn: number };
    if ((await statusOf(arena, of)) === FALLEN && turn !== OVER) {
      await arena.must({ functionName: 'collect', args: [id] }, 'passer-by', time++);
    }
  }
  for (const each of staged) time = await endJob(arena, each, time);
  const paid = new Map<string, bigint>();
  for (const name of arena.names()) {
    const credit = (await arena.read('creditOf', NO_ADDRESS, await arena.addressOf(name))) as bigint;
    if (credit === 0n) continue;
    paid.set(name, credit);
    const to = await arena.addressOf(name);
    await arena.must({ functionName: 'withdraw', args: [NO_ADDRESS, to] }, name, time++);
  }
  const burnt = (await arena.read('creditOf', NO_ADDRESS, BURN)) as bigint;
  if (burnt > 0n) await arena.must({ functionName: 'burn', args: [] }, 'passer-by', time++);
  const left = await arena.balance();
  if (left !== 0n) throw new Error(`${left} wei are stuck`);
  return { paid, burnt };
}

/** A claim that still stands is final after its window; after a fall the client takes his reward back. */
async function endJob(arena: Arena, staged: Staged, time: number): Promise<number> {
  if ((await statusOf(arena, staged)) === LIVE) {
    const later = Math.max(time, staged.claimed.until + 1);
    await arena.must({ functionName: 'finalize', args: [staged.claim] }, 'passer-by', later);
    return later + 1;
  }
  const { status } = (await arena.read('getJob', staged.job)) as { status: number };
  const isOpen = status === 1;
  if (isOpen) await arena.must({ functionName: 'cancel', args: [staged.job] }, 'client', time);
  return isOpen ? time + 1 : time;
}

async function statusOf(arena: Arena, { claim }: Staged): Promise<number> {
  return ((await arena.read('getClaim', claim)) as { status: number }).status;
}
