/** What a guard does when something is wrong with a node, with one of many games, or with the end of a window. */
import { describe, expect, test } from '@jest/globals';
import { type GuardEvent, type GuardParameters, guard } from '../../src/chain/guard.js';
import type { Market } from '../../src/chain/market.js';
import { Table } from '../../src/chain/play.js';
import type { PlayEvent } from '../../src/chain/play-turn.js';
import type { Sender } from '../../src/chain/sender.js';
import { fail } from '../../src/errors/index.js';
import { openedGame, wholeRun } from './support/opened.js';
import { ACCOUNTS, disputeStage, WINDOW } from './support/stage.js';

const { stage, solving, sender, claim, pass } = disputeStage();
const pollEvery = 20;

type Request = (call: { readonly method: string; readonly params: readonly unknown[] }) => Promise<unknown>;

/** The market behind a node whose answers are changed. */
function answering(change: (inner: Request) => Request): Market {
  const { connection } = stage.market;
  const inner = connection.client.request as Request;
  const client = Object.assign(Object.create(connection.client) as typeof connection.client, {
    request: change(inner),
  });
  return { ...stage.market, connection: { ...connection, client } };
}

async function guarding(claimId: bigint, change: Partial<GuardParameters> = {}): Promise<GuardParameters> {
  return {
    ...{ market: stage.market, sender: await sender(ACCOUNTS.solver), claimId, execution: await solving(stage.honest) },
    ...{ mode: 'defend', pollEvery, finalize: false, ...change },
  };
}

describe('a guard', () => {
  test('stays beyond the end of the window on a chain that may go back, and not on one of its own', async () => {
    const claimId = await claim(stage.honest);
    await pass(WINDOW + 1);
    const elsewhere = { ...stage.market, connection: { ...stage.market.connection, chainId: 1 } };
    const once = { once: true, mode: 'observe' } as const;
    expect(await guard(await guarding(claimId, once))).toMatchObject({ state: 'standing' });
    expect(await guard(await guarding(claimId, { ...once, market: elsewhere }))).toMatchObject({ state: 'watching' });
    await pass(64 * 12);
    expect(await guard(await guarding(claimId, { ...once, market: elsewhere }))).toMatchObject({ state: 'standing' });
  });

  test('plays the other games on when it has to give one up', async () => {
    const claimId = await claim(stage.honest);
    const opened = async (account: number): Promise<bigint> =>
      openedGame(stage.market, await sender(account), claimId, wholeRun(stage.honest));
    const [lost, other] = [await opened(ACCOUNTS.challenger), await opened(ACCOUNTS.rival)];
    const inner = await sender(ACCOUNTS.solver);
    const sent: string[] = [];
    const failing: Sender = {
      ...inner,
      send: async (call) => {
        if (call.what.endsWith(`in game ${lost}`)) {
          throw fail('chain.transaction-failed', { hash: '0x', what: call.what, block: 1n, error: 'no reason' });
        }
        sent.push(call.what);
        return inner.send(call);
      },
    };
    const events: GuardEvent[] = [];
    const controller = new AbortController();
    const onEvent = (event: GuardEvent): void => {
      events.push(event);
      if (event.kind === 'given-up') setTimeout(() => controller.abort(), 50 * pollEvery);
    };
    const parameters = await guarding(claimId, { sender: failing, onEvent, signal: controller.signal });
    await expect(guard(parameters)).rejects.toMatchObject({ name: 'AbortError' });
    expect(events.filter(({ kind }) => kind === 'given-up')).toMatchObject([{ gameId: lost }]);
    expect(sent).toEqual([`reveal in game ${other}`]);
  });

  test('outlasts an account that cannot pay, and says so to whoever looks once', async () => {
    const claimId = await claim(stage.honest);
    await openedGame(stage.market, await sender(ACCOUNTS.challenger), claimId, wholeRun(stage.honest));
    const inner = await sender(ACCOUNTS.solver);
    let isPoor = true;
    let refused = 0;
    const poor: Sender = {
      ...inner,
      send: async (call) => {
        if (!isPoor) return inner.send(call);
        refused++;
        throw fail('chain.insufficient-funds', { account: inner.address, have: 0n, want: 1n, what: call.what });
      },
    };
    const once = guard(await guarding(claimId, { sender: poor, once: true }));
    await expect(once).rejects.toMatchObject({ code: 'chain.insufficient-funds' });
    const controller = new AbortController();
    refused = 0;
    const onEvent = ({ kind }: GuardEvent): void => {
      isPoor = refused < 12;
      if (kind === 'sent') controller.abort();
    };
    const playing = guard(await guarding(claimId, { sender: poor, onEvent, signal: controller.signal }));
    await expect(playing).rejects.toMatchObject({ name: 'AbortError' });
    expect(refused).toBe(12);
  });

  test('says when the node keeps games from it', async () => {
    const claimId = await claim(stage.honest);
    await openedGame(stage.market, await sender(ACCOUNTS.challenger), claimId, wholeRun(stage.honest));
    const silent = answering((inner) => async (call) => (call.method === 'eth_getLogs' ? [] : inner(call)));
    const controller = new AbortController();
    const unseen: GuardEvent[] = [];
    const onEvent = (event: GuardEvent): void => {
      if (event.kind !== 'unseen') return;
      unseen.push(event);
      controller.abort();
    };
    const parameters = await guarding(claimId, { market: silent, onEvent, signal: controller.signal });
    await expect(guard(parameters)).rejects.toMatchObject({ name: 'AbortError' });
    expect(unseen).toMatchObject([{ seen: 0, claim: { id: claimId, open: 1 } }]);
  });
});

describe('a player', () => {
  test('whose node refuses blocks that it has named reads the game again, as often as it takes', async () => {
    const claimId = await claim(stage.honest);
    const gameId = await openedGame(stage.market, await sender(ACCOUNTS.challenger), claimId, wholeRun(stage.honest));
    const { connection } = stage.market;
    const { client } = connection;
    let refusals = 12;
    // A method that no node has is refused as a block that a node does not know yet is.
    const refuse = () => (client.request as Request)({ method: 'eth_refused', params: [] });
    const readContract = (call: never) => (refusals-- > 0 ? refuse() : client.readContract(call));
    const lagging = Object.assign(Object.create(client) as typeof client, { readContract });
    const events: PlayEvent[] = [];
    const table = new Table({
      ...{ market: { ...stage.market, connection: { ...connection, client: lagging } }, gameId },
      ...{ sender: await sender(ACCOUNTS.solver), side: 'solver', execution: await solving(stage.honest) },
      ...{ mode: 'defend', pollEvery, onEvent: (event) => void events.push(event) },
    });
    const again = Array.from({ length: refusals }, () => 'again');
    for (let look = 0; look <= again.length; look++) await table.look();
    expect(events.map(({ kind }) => kind)).toEqual([...again, 'position', 'sent']);
    expect(events.at(-1)).toMatchObject({ kind: 'sent', move: 'reveal' });
  });
});
