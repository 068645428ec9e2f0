/** Players in trouble: a lost node, a reorganisation, a silent other side, processes that are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openings } from '../../src/chain/game-events.js';
import { readGame } from '../../src/chain/games.js';
import { type Market, readClaim, readCredit } from '../../src/chain/market.js';
import { outcomeOf, type PlayParameters, play, Table } from '../../src/chain/play.js';
import type { PlayEvent } from '../../src/chain/play-turn.js';
import { ETHER } from '../../src/chain/terms.js';
import { runPaths } from '../../src/run/run-folder.js';
import { type Proxy, startProxy } from '../chain/support/proxy.js';
import { openedGame, searched } from './support/opened.js';
import { ACCOUNTS, CLOCK, connectedTo, disputeStage, senderOf } from './support/stage.js';

const { stage, ask, solving, replaying, sender, claim, pass } = disputeStage();
const binary = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin', 'gensyn.js');
const pollEvery = 40;

const running: (ChildProcess | Proxy)[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) {
    if ('kill' in each) each.kill('SIGKILL');
    else await each.close();
  }
});

/** A false claim with a game against it. */
async function disputed() {
  const claimId = await claim(stage.cheat);
  const { opening } = await searched(stage, claimId, stage.cheat);
  const challenger = await sender(ACCOUNTS.challenger);
  const gameId = await openedGame(stage.market, challenger, claimId, opening!);
  return { claimId, gameId };
}

/** What both players have in common. */
function common(gameId: bigint, market: Market = stage.market) {
  return { market, gameId, mode: 'defend', pollEvery } as const;
}

describe('a player', () => {
  test('whose node goes away in mid-game goes on when it is back', async () => {
    const { claimId, gameId } = await disputed();
    const proxy = await startProxy(stage.chain.url);
    running.push(proxy);
    // No patience at all: the player alone must cope.
    const connection = await connectedTo(proxy.url, { patience: { milliseconds: 0 } });
    const market = { ...stage.market, connection };
    const events: PlayEvent[] = [];
    let isCut = false;
    const cutOnce = async (): Promise<void> => {
      if (isCut) return;
      isCut = true;
      await proxy.close();
      await pause(300);
      await proxy.open();
    };
    const [won, lost] = await Promise.all([
      play({
        ...{ ...common(gameId, market), side: 'challenger', execution: await replaying() },
        sender: await senderOf(market, ACCOUNTS.challenger),
        onEvent: (event) => {
          events.push(event);
          if (event.kind === 'sent') void cutOnce();
        },
      }),
      play({
        ...{ ...common(gameId), side: 'solver', execution: await solving(stage.cheat) },
        sender: await sender(ACCOUNTS.solver),
      }),
    ]);
    expect(isCut).toBe(true);
    expect(events.map(({ kind }) => kind)).toContain('again');
    expect([won.result, lost.result]).toEqual(['won', 'lost']);
    expect(await readClaim(stage.market, claimId)).toMatchObject({ status: 'fallen' });
  });

  test('whose move a reorganisation takes out makes it again', async () => {
    const { gameId } = await disputed();
    const solver: PlayParameters = {
      ...{ ...common(gameId), side: 'solver', execution: await solving(stage.cheat) },
      sender: await sender(ACCOUNTS.solver),
    };
    const table = new Table(solver);
    const snapshot = await ask('evm_snapshot');
    await table.look();
    const moved = await readGame(stage.market, gameId, stage.bundle);
    expect(moved.game.turn).toBe('challenger');
    await ask('evm_revert', snapshot);
    expect((await readGame(stage.market, gameId, stage.bundle)).game.turn).toBe('solver');
    // Another block stands where the move was.
    await ask('evm_mine');
    await table.look();
    const again = await readGame(stage.market, gameId, stage.bundle);
    expect(again.game.turn).toBe('challenger');
    expect(again.game.h).toEqual(moved.game.h);
  });

  test('calls the timeout of a side that is silent, and is warned of clocks that run low', async () => {
    const { claimId, gameId } = await disputed();
    const kinds: string[] = [];
    const playing = play({
      ...{ ...common(gameId), side: 'challenger', execution: await replaying() },
      sender: await sender(ACCOUNTS.challenger),
      onEvent: ({ kind }) => void kinds.push(kind),
    });
    await pass(CLOCK - 10);
    while (!kinds.includes('clock-low')) await pause(pollEvery);
    await pass(11);
    expect(await playing).toMatchObject({ result: 'won', game: { game: { ending: 'timeout' } } });
    expect(await readClaim(stage.market, claimId)).toMatchObject({ status: 'fallen' });
    const over = await readGame(stage.market, gameId, stage.bundle);
    expect(outcomeOf(over, 'solver')).toMatchObject({ result: 'lost', isDeadlineMissed: true });
    expect(outcomeOf(over, 'challenger')).toMatchObject({ result: 'won', isDeadlineMissed: false });
  });

  test('who only observes sends nothing', async () => {
    const { gameId } = await disputed();
    const before = await stage.market.connection.client.getBlockNumber();
    const table = new Table({
      ...{ ...common(gameId), mode: 'observe', side: 'solver', execution: await solving(stage.cheat) },
      sender: await sender(ACCOUNTS.solver),
    });
    expect((await table.look())?.game.status).toBe('live');
    expect(await stage.market.connection.client.getBlockNumber()).toBe(before);
  });

  test('does not play for another account', async () => {
    const { gameId } = await disputed();
    const parameters = { ...common(gameId), side: 'solver', execution: await solving(stage.cheat) } as const;
    const playing = play({ ...parameters, sender: await sender(ACCOUNTS.other) });
    await expect(playing).rejects.toMatchObject({ code: 'dispute.not-a-side' });
  });
});

describe('a node that answers only small ranges of events, or nonsense', () => {
  test('is asked in pieces, and is not believed', async () => {
    const { gameId } = await disputed();
    const { client } = stage.market.connection;
    const inner = client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
    const ranges: bigint[] = [];
    const answering = (logs: (answer: readonly object[]) => unknown): Market => {
      const requested = async (call: { method: string; params: readonly unknown[] }): Promise<unknown> => {
        if (call.method !== 'eth_getLogs') return inner(call);
        const [{ fromBlock, toBlock }] = call.params as [{ fromBlock: string; toBlock: string }];
        const range = BigInt(toBlock) - BigInt(fromBlock) + 1n;
        ranges.push(range);
        // A method that no node has: refused as a range that is too long is.
        if (range > 4n) return inner({ method: 'eth_refused', params: [] });
        return logs((await inner(call)) as readonly object[]);
      };
      const altered = Object.assign(Object.create(client) as typeof client, { request: requested });
      return { ...stage.market, connection: { ...stage.market.connection, client: altered } };
    };
    const { number } = await client.getBlock();
    const all = await openings(stage.market, {}, number);
    expect(
      await openings(
        answering((logs) => logs),
        {},
        number,
      ),
    ).toEqual(all);
    expect(ranges.some((range) => range > 4n) && ranges.some((range) => range <= 4n)).toBe(true);
    const lying = answering((logs) => logs.map((log) => ({ ...log, blockNumber: 'soon' })));
    await expect(openings(lying, {}, number)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
    const absurd = answering((logs) => logs.map((log) => ({ ...log, data: `0x${'ff'.repeat(128)}` })));
    await expect(readGame(absurd, gameId, stage.bundle)).rejects.toMatchObject({ code: 'dispute.inconsistent' });
    const silent = answering(() => []);
    await expect(readGame(silent, gameId, stage.bundle)).rejects.toMatchObject({ code: 'dispute.inconsistent' });
  });
});

describe('two processes of gensyn dispute watch', () => {
  test('one of them killed in mid-game and started again: the claim falls, the balances are right', async () => {
    const { claimId, gameId } = await disputed();
    const { market, cheat } = stage;
    const { address } = await sender(ACCOUNTS.challenger);
    const before = await readCredit(market, ETHER, address);
    const { bond } = await readGame(market, gameId, stage.bundle);
    const chain = ['--rpc-url', stage.chain.url, '--deployments', stage.deployments, '--poll', '1', '--no-input'];
    const watch = (...argv: readonly string[]): ChildProcess => {
      const child = spawn(process.execPath, [binary, 'dispute', 'watch', ...argv, ...chain], { stdio: 'ignore' });
      running.push(child);
      return child;
    };
    const guarding = () =>
      watch('--claim', String(claimId), '--run', cheat.directory, '--unlocked', String(ACCOUNTS.solver));
    const playing = () =>
      watch(
        '--game',
        String(gameId),
        '--job',
        runPaths.job(cheat.directory),
        '--unlocked',
        String(ACCOUNTS.challenger),
      );
    const first = playing();
    const solver = guarding();
    const solverEnded = once(solver, 'exit');
    for (;;) {
      const { game } = await readGame(market, gameId, stage.bundle);
      if (game.moves > 2) break;
      await pause(100);
    }
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect((await readClaim(market, claimId)).status).toBe('live');
    const [code] = await once(playing(), 'exit');
    expect(code).toBe(0);
    expect((await solverEnded)[0]).toBe(20);
    expect(await readClaim(market, claimId)).toMatchObject({ status: 'fallen', open: 0, pot: 0n });
    expect((await readCredit(market, ETHER, address)) - before).toBe(10n ** 18n + bond);
  });
});
