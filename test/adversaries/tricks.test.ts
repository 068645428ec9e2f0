/** Cheats that are about transactions and money, not about what is said: copies, branches of the chain, socks, bait. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf, openArguments } from '../../src/chain/game-calls.js';
import { toHex } from '../../src/commitments/hash.js';
import type { Execution } from '../../src/game/execution.js';
import type { Game, Move } from '../../src/game/game.js';
import { decideOpening } from '../../src/game/opening.js';
import { garbage, wrongOutput, wrongRoots } from '../game/support/liars.js';
import { claimOf, player } from '../game/support/play.js';
import { toy } from '../game/support/toys.js';
import { type Arena, startArena } from './support/arena.js';
import { silent } from './support/manners.js';
import { settleAll } from './support/settle.js';
import { CLOCK, moveAt, openTable, playOnChain, playOne, stage, type Table } from './support/stage.js';
import { openingAgainst } from './support/story.js';

const { bundle, honest } = toy({ steps: 70, checkpointEvery: 64, width: 40 });
const liar = wrongOutput(bundle, { step: 40, operator: 3, element: 0, bit: 20 });
const verifiers = { replays: [honest, honest], hasTrace: true } as const;
const players = { solver: player('solver', liar), challenger: player('challenger', honest) };

let arena: Arena;
beforeAll(async () => {
  arena = await startArena();
});
afterAll(() => arena.stop());

const next = async (): Promise<number> => (await arena.now()) + 1;

async function moveOf(side: 'solver' | 'challenger', execution: Execution, game: Game): Promise<Move> {
  const decision = await player(side, execution)(game, game.last + 1);
  if (decision.do !== 'move') throw new Error(decision.do);
  return decision.move;
}

async function begun(execution: Execution = liar) {
  const claimed = await claimOf(execution, CLOCK);
  const staged = await stage(arena, claimed);
  return { claimed, staged, opening: await openingAgainst(claimed, verifiers) };
}

describe('a transaction that somebody copies', () => {
  test('moves nothing for him: only the side on move may, and a repeated move is refused', async () => {
    const { staged, opening } = await begun();
    const table = await openTable(arena, staged, opening);
    const reveal = await moveOf('solver', liar, table.game);
    const asked = callOf(table.id, reveal);
    expect(await arena.attempt(asked, 'thief', await next())).toEqual({ error: 'WrongSender' });
    expect(await arena.attempt(asked, 'challenger', await next())).toEqual({ error: 'WrongSender' });
    await moveAt(arena, table, reveal, await next());
    expect(await arena.attempt(asked, 'solver', await next())).toEqual({ error: 'WrongTurn' });
    const select = callOf(table.id, await moveOf('challenger', honest, table.game));
    expect(await arena.attempt(select, 'thief', await next())).toEqual({ error: 'WrongSender' });
    await playOnChain(arena, table, players);
    expect(table.game.status).toBe('claim-fell');
    await settleAll(arena, [staged], [table]);
  });

  test('claims nothing for him: roots from the mempool are of no use without the bond of the taker', async () => {
    const { claimed, staged } = await begun();
    const args = [staged.job, toHex(claimed.claim.finalRoot), toHex(claimed.claim.traceRoot)];
    const stolen = await arena.attempt({ functionName: 'claim', args }, 'thief', await next());
    expect(stolen).toEqual({ error: 'WrongStatus' });
    await settleAll(arena, [staged], []);
  });

  test('proves for the challenger what he proves: bond and share are the challenger’s', async () => {
    const { staged, opening } = await begun();
    const table = await openTable(arena, staged, opening);
    while (table.game.context.phase !== 7) await playOne(arena, table, players);
    const proof = await moveOf('challenger', honest, table.game);
    await moveAt(arena, table, { ...proof, from: 'other' } as Move, await next());
    const { paid } = await settleAll(arena, [staged], [table]);
    expect(paid.get('passer-by')).toBeUndefined();
    expect(paid.get('challenger')).toBe(table.bond + staged.solverBond / 2n);
  });

  test('opens a game of his own, with his own bond, and takes nothing of the one he copied but half of the pot', async () => {
    const { staged, opening } = await begun();
    const table = await openTable(arena, staged, opening);
    const copy = await openTable(arena, staged, opening, 'thief');
    await playOnChain(arena, table, players);
    const { paid } = await settleAll(arena, [staged], [table, copy]);
    const pot = staged.solverBond / 2n;
    const { challenger: made } = table.moves;
    expect(paid.get('thief')! - copy.bond).toBeLessThanOrEqual(pot / BigInt(made));
    expect(paid.get('challenger')! + paid.get('thief')!).toBe(table.bond + copy.bond + pot);
  });
});

describe('after a reorganisation of the chain', () => {
  test('an opening that was signed against a claim is refused by another claim of the same number', async () => {
    const forged = await arena.orphan(async () => {
      const { staged, opening } = await begun();
      return { staged, args: openArguments(staged.claim, staged.jobHash, { ...opening, bond: 0n }) };
    });
    const right = await stage(arena, await claimOf(honest, CLOCK));
    expect(right.claim).toBe(forged.staged.claim);
    const call = { functionName: 'open', args: forged.args };
    const bond = 10n ** 17n;
    expect(await arena.attempt(call, 'challenger', await next(), bond)).toEqual({ error: 'BadProof' });
    const other = { functionName: 'open', args: forged.args.with(1, toHex(garbage())) };
    expect(await arena.attempt(other, 'challenger', await next(), bond)).toEqual({ error: 'WrongJob' });
    await settleAll(arena, [right], []);
  });

  test('an answer to one choice is stale where another was made, and so is a choice from another list', async () => {
    const { staged, opening } = await begun();
    const table = await openTable(arena, staged, opening);
    await moveAt(arena, table, await moveOf('solver', liar, table.game), await next());
    const { context, list } = table.game;
    const select = (index: number): Move => ({ kind: 'select', from: 'challenger', context, list, index });
    const { game, moves, gas } = table;
    const answer = await arena.orphan(async () => {
      await moveAt(arena, table, select(3), await next());
      return moveOf('solver', liar, table.game);
    });
    Object.assign(table, { game, gas, moves: { ...moves } });
    await moveAt(arena, table, select(5), await next());
    expect(await arena.attempt(callOf(table.id, answer), 'solver', await next())).toEqual({ error: 'Stale' });
    await playOnChain(arena, table, { solver: silent, challenger: silent });
    await settleAll(arena, [staged], [table]);
  });
});

describe('a cheat who tells everybody something else', () => {
  test('loses every game with the first, and all challengers share by their moves', async () => {
    const { claimed, staged, opening } = await begun();
    const faces = [
      liar,
      wrongRoots(liar, (state) => state > 20 && state < 64),
      wrongRoots(liar, (state) => state === 8),
    ];
    const tables: Table[] = [];
    for (const [at] of faces.entries()) tables.push(await openTable(arena, staged, opening, `challenger ${at}`));
    while ((await statusOf(staged.claim)) === LIVE) {
      for (const [at, face] of faces.entries()) {
        if ((await statusOf(staged.claim)) !== LIVE) break;
        await playOne(arena, tables[at]!, { ...players, solver: player('solver', face) });
      }
    }
    const { paid } = await settleAll(arena, [staged], tables);
    const shares = tables.map(({ challenger, bond }) => paid.get(challenger)! - bond);
    expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(staged.solverBond / 2n);
    for (const share of shares) expect(share).toBeGreaterThan(0n);
    expect(claimed.leaves).toHaveLength(3);
  });
});

const LIVE = 1;
async function statusOf(claim: bigint): Promise<number> {
  return ((await arena.read('getClaim', claim)) as { status: number }).status;
}

describe('a cheat who disputes himself', () => {
  test('loses the burnt half, and pays the honest challenger more than the game costs him', async () => {
    const { staged, opening } = await begun();
    const socks: Table[] = [];
    for (const name of ['sock 1', 'sock 2', 'sock 3']) socks.push(await openTable(arena, staged, opening, name));
    for (const sock of socks) while (sock.moves.challenger < 6) await playOne(arena, sock, players);
    const table = await openTable(arena, staged, opening);
    while (table.game.context.phase !== 7) await playOne(arena, table, players);
    // He concedes a game against himself before the honest proof: the pot is shared all the same.
    const sock = socks[0]!;
    while (sock.game.turn !== 'solver') await playOne(arena, sock, players);
    await moveAt(arena, sock, { kind: 'timeout', from: 'other' }, sock.game.last + CLOCK + 1);
    const { paid, burnt } = await settleAll(arena, [staged], [...socks, table]);
    const pot = staged.solverBond / 2n;
    expect(burnt).toBe(pot);
    const share = paid.get('challenger')! - table.bond;
    expect(share).toBeGreaterThan(pot / 4n);
    // Bonds are twice what is asked here: a share at the asked bond still pays the gas of the game at its base fee.
    expect(share / 2n).toBeGreaterThan((1_500_000n * pot) / (20n * 1_600_000n));
    expect(await statusOf(staged.claim)).not.toBe(LIVE);
  });
});

describe('where nobody moves', () => {
  test('the side on move loses, whoever asks for it', async () => {
    const { staged, opening } = await begun();
    const solversTurn = await openTable(arena, staged, opening);
    const challengersTurn = await openTable(arena, staged, opening, 'sleeper');
    await moveAt(arena, challengersTurn, await moveOf('solver', liar, challengersTurn.game), await next());
    await playOnChain(arena, challengersTurn, { solver: silent, challenger: silent });
    expect(challengersTurn.game.status).toBe('challenger-lost');
    await playOnChain(arena, solversTurn, { solver: silent, challenger: silent });
    expect(solversTurn.game.status).toBe('claim-fell');
    const { paid } = await settleAll(arena, [staged], [solversTurn, challengersTurn]);
    expect(paid.get('solver')).toBe(challengersTurn.bond);
    expect(paid.get('challenger')).toBe(solversTurn.bond + staged.solverBond / 2n);
  });
});

describe('bait', () => {
  test('is not taken: nothing is staked on a trace that is not the claimed one, nor on data that differs from it', async () => {
    const { rules, claim, leaves } = await claimOf(honest, CLOCK);
    const replays = [honest, honest] as const;
    const forged = leaves.with(1, garbage());
    expect(await decideOpening({ rules, claim, leaves: forged, from: 0, replays })).toMatchObject({ do: 'nothing' });
    expect(await decideOpening({ rules, claim, leaves: forged, from: 1, replays })).toMatchObject({ do: 'nothing' });
    const baited = [liar, liar] as const;
    expect(await decideOpening({ rules, claim, leaves, from: 1, replays: baited })).toMatchObject({
      why: expect.stringContaining('begins with'),
    });
    const broken = [liar, honest] as const;
    expect(await decideOpening({ rules, claim, leaves, from: 0, replays: broken })).toMatchObject({
      why: expect.stringContaining('two replays'),
    });
  });
});
