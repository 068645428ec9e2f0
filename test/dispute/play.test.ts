/** Two players on a chain, each with nothing but the chain and his run. */
import { describe, expect, test } from '@jest/globals';
import { readGame } from '../../src/chain/games.js';
import { guard } from '../../src/chain/guard.js';
import { readClaim, readCredit } from '../../src/chain/market.js';
import { collectIfDue, play } from '../../src/chain/play.js';
import type { PlayEvent } from '../../src/chain/play-turn.js';
import { ETHER } from '../../src/chain/terms.js';
import { equalHashes } from '../../src/commitments/hash.js';
import { openedGame, searched, wholeRun } from './support/opened.js';
import { ACCOUNTS, disputeStage, WINDOW } from './support/stage.js';

const { stage, solving, replaying, sender, claim, pass } = disputeStage();
const pollEvery = 40;

describe('a claim of a run with a fault', () => {
  test('falls: every move over the chain, the verdict by proof, the balances right', async () => {
    const { market, cheat, fault } = stage;
    const claimId = await claim(cheat);
    const found = await searched(stage, claimId, cheat);
    expect(found).toMatchObject({ verdict: 'diverged', opening: { i: 2, j: 3 } });
    const [solver, challenger] = [await sender(ACCOUNTS.solver), await sender(ACCOUNTS.challenger)];
    const gameId = await openedGame(market, challenger, claimId, found.opening!);
    const { bond } = await readGame(market, gameId, stage.bundle);
    const events: PlayEvent[] = [];
    const common = { market, gameId, mode: 'defend', pollEvery } as const;
    const [lost, won] = await Promise.all([
      play({ ...common, sender: solver, side: 'solver', execution: await solving(cheat) }),
      play({
        ...common,
        sender: challenger,
        side: 'challenger',
        execution: await replaying(),
        onEvent: (event) => events.push(event),
      }),
    ]);
    expect(lost).toMatchObject({ result: 'lost', isDeadlineMissed: false });
    expect(won).toMatchObject({ result: 'won' });
    const { game, history } = won.game;
    expect(game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    expect(game.context).toMatchObject({ step: fault.step, k: fault.operator, elem: fault.element });
    expect(history[0]).toMatchObject({ move: 'open', by: 'challenger' });
    expect(history.at(-1)).toMatchObject({ move: 'resolve', isSolverRight: false });
    expect(events.filter(({ kind }) => kind === 'position').length).toBeGreaterThan(4);
    expect((await collectIfDue(market, challenger, won.game))?.kind).toBe('sent');
    const after = await readClaim(market, claimId);
    expect(after).toMatchObject({ status: 'fallen', open: 0, pot: 0n });
    // Half of the solver's two ether, and the bond.
    expect(await readCredit(market, ETHER, challenger.address)).toBe(10n ** 18n + bond);
    expect(await readCredit(market, ETHER, solver.address)).toBe(0n);
    expect(await collectIfDue(market, challenger, await readGame(market, gameId, stage.bundle))).toBeNull();
  });
});

describe('several games against one false claim', () => {
  test('are played by one guard; one verdict ends all, and everybody collects', async () => {
    const { market, cheat } = stage;
    const claimId = await claim(cheat);
    const { opening } = await searched(stage, claimId, cheat);
    const guarding = guard({
      ...{ market, sender: await sender(ACCOUNTS.solver), claimId, mode: 'defend', pollEvery, finalize: false },
      execution: await solving(cheat),
    });
    const played = await Promise.all(
      [ACCOUNTS.challenger, ACCOUNTS.rival].map(async (account) => {
        const challenger = await sender(account);
        const gameId = await openedGame(market, challenger, claimId, opening!);
        const execution = await replaying();
        const common = { market, gameId, mode: 'defend', pollEvery, execution } as const;
        return { challenger, outcome: await play({ ...common, sender: challenger, side: 'challenger' }) };
      }),
    );
    expect(await guarding).toMatchObject({ state: 'fallen' });
    const results = played.map(({ outcome }) => outcome.result);
    expect(results.filter((result) => result === 'won')).toHaveLength(1);
    expect(results).not.toContain('lost');
    for (const { challenger, outcome } of played) await collectIfDue(market, challenger, outcome.game);
    expect(await readClaim(market, claimId)).toMatchObject({ status: 'fallen', open: 0, moves: 0, pot: 0n });
  });
});

describe('a claim of an honest run', () => {
  test('stands against a challenger without a case, who loses his bond, and is finalized', async () => {
    const { market, honest, cheat } = stage;
    const claimId = await claim(honest, ACCOUNTS.other);
    const [solver, challenger] = [await sender(ACCOUNTS.other), await sender(ACCOUNTS.challenger)];
    const gameId = await openedGame(market, challenger, claimId, wholeRun(honest));
    const { bond } = await readGame(market, gameId, stage.bundle);
    const events: string[] = [];
    const [guarded, played] = await Promise.all([
      guard({
        ...{ market, sender: solver, claimId, execution: await solving(honest), mode: 'defend', pollEvery },
        finalize: true,
        onEvent: ({ kind }) => {
          events.push(kind);
          if (kind === 'position') void passWindowOnceOver();
        },
      }),
      play({
        ...{ market, gameId, mode: 'defend', pollEvery, sender: challenger, side: 'challenger' },
        execution: await solving(cheat),
      }),
    ]);
    async function passWindowOnceOver(): Promise<void> {
      const game = await readGame(market, gameId, stage.bundle);
      if (game.game.status === 'live') return;
      await pass(WINDOW + 1);
    }
    expect(played).toMatchObject({ result: 'lost', isDeadlineMissed: false });
    expect(played.game.game).toMatchObject({ status: 'challenger-lost', ending: 'proved' });
    expect(guarded).toMatchObject({ state: 'final' });
    expect(guarded.games).toHaveLength(1);
    expect(events).toContain('finalized');
    expect(await readCredit(market, ETHER, solver.address)).toBe(3n * 10n ** 18n + bond);
  });
});

describe('reading a game', () => {
  test('gives the reducer’s game with the contract’s own hash, and refuses another job', async () => {
    const { market, cheat, bundle } = stage;
    const claimId = await claim(cheat);
    const found = await searched(stage, claimId, null);
    expect(found).toMatchObject({ verdict: 'diverged', isFullReplay: true, opening: { i: 0, j: 5 } });
    const gameId = await openedGame(market, await sender(ACCOUNTS.challenger), claimId, found.opening!);
    const { game } = await readGame(market, gameId, bundle);
    expect(game).toMatchObject({ status: 'live', turn: 'solver', moves: 1, list: [] });
    expect(equalHashes(game.context.hi, cheat.finalRoot)).toBe(true);
    const other = { ...bundle, hashes: { ...bundle.hashes, job: bundle.hashes.program } };
    await expect(readGame(market, gameId, other)).rejects.toMatchObject({ code: 'dispute.other-job' });
    await expect(readGame(market, 999n, bundle)).rejects.toMatchObject({ code: 'dispute.no-such-game' });
  });
});
