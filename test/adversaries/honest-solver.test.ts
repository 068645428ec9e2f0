/** What an honest solver meets: challengers without a case, many at once, and time played against him. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf } from '../../src/chain/game-calls.js';
import { PHASES } from '../../src/game/context.js';
import { claimOf, player } from '../game/support/play.js';
import { seeded } from '../game/support/random.js';
import { randomChallenger, randomOpening } from '../game/support/random-challenger.js';
import { toy } from '../game/support/toys.js';
import { type Arena, startArena } from './support/arena.js';
import { evenly, silent, untilTheLastSecond } from './support/manners.js';
import { settleAll } from './support/settle.js';
import { CLOCK, openTable, type Performer, playOnChain, playOne, REWARD, stage, type Table } from './support/stage.js';

const { honest } = toy({ steps: 70, checkpointEvery: 64, width: 40 });
const random = seeded(3);

let arena: Arena;
beforeAll(async () => {
  arena = await startArena();
});
afterAll(() => arena.stop());

/** Points anywhere, and tries before that to bring down each list, all of which fold. */
function refuting(table: Table): Performer {
  const inner = randomChallenger(random);
  return async (game, now) => {
    const { context, list } = game;
    if (game.turn === 'challenger') {
      const call = callOf(table.id, { kind: 'refute', from: 'challenger', context, list });
      const error = context.phase === PHASES.tensor ? 'Folds' : 'WrongPhase';
      expect(await arena.attempt(call, table.challenger, now)).toEqual({ error });
    }
    return inner(game, now);
  };
}

const CHALLENGERS: readonly [name: string, performer: (table: Table) => Performer][] = [
  ['points anywhere', () => randomChallenger(random)],
  ['is silent from the beginning', () => silent],
  ['takes as long for every move as all of them together may', () => evenly(randomChallenger(random), 60)],
  ['waits for the last second of his clock', () => untilTheLastSecond(randomChallenger(random))],
  ['tries to refute lists that fold', refuting],
];

describe('an honest solver has bond, reward and the challenger’s bond where the challenger', () => {
  test.each(CHALLENGERS)('%s', async (_, performer) => {
    const claimed = await claimOf(honest, CLOCK);
    const staged = await stage(arena, claimed);
    const table = await openTable(arena, staged, randomOpening(claimed, random));
    await playOnChain(arena, table, { solver: player('solver', honest), challenger: performer(table) });
    expect(table.game.status).toBe('challenger-lost');
    const { paid, burnt } = await settleAll(arena, [staged], [table]);
    expect(paid).toEqual(new Map([['solver', staged.solverBond + REWARD + table.bond]]));
    expect(burnt).toBe(0n);
  });
});

describe('an honest solver who is late himself', () => {
  test('wins though he spends his clock on all moves together, and is lost one second after it', async () => {
    const claimed = await claimOf(honest, CLOCK);
    const staged = await stage(arena, claimed);
    const slow = await openTable(arena, staged, randomOpening(claimed, random));
    const players = { solver: evenly(player('solver', honest), 60), challenger: randomChallenger(random) };
    await playOnChain(arena, slow, players);
    expect(slow.game.status).toBe('challenger-lost');

    const late = await openTable(arena, staged, randomOpening(claimed, random));
    const decision = await player('solver', honest)(late.game, late.game.last + 1);
    if (decision.do !== 'move') throw new Error(decision.do);
    const call = callOf(late.id, decision.move);
    const over = late.game.last + CLOCK + 1;
    expect(await arena.attempt(call, 'solver', over)).toEqual({ error: 'Late' });
    await playOnChain(arena, late, { solver: silent, challenger: silent });
    expect(late.game).toMatchObject({ status: 'claim-fell', ending: 'timeout' });
    await settleAll(arena, [staged], [slow, late]);
  });
});

describe('many challengers at once', () => {
  test('without a case cost an honest solver nothing, though their moves are mixed', async () => {
    const claimed = await claimOf(honest, CLOCK);
    const staged = await stage(arena, claimed);
    const tables: Table[] = [];
    for (let at = 0; at < 6; at++) {
      tables.push(await openTable(arena, staged, randomOpening(claimed, random), `challenger ${at}`));
    }
    const players = { solver: player('solver', honest), challenger: randomChallenger(random) };
    while (tables.some(({ game }) => game.status === 'live')) {
      for (const table of tables) if (table.game.status === 'live') await playOne(arena, table, players);
    }
    const { paid, burnt } = await settleAll(arena, [staged], tables);
    const won = tables.reduce((sum, { bond }) => sum + bond, 0n);
    expect(paid).toEqual(new Map([['solver', staged.solverBond + REWARD + won]]));
    expect(burnt).toBe(0n);
  });
});
