import { expect, test } from '@jest/globals';
import { moveCall, openCall } from '../../src/chain/game-calls.js';
import { readClaim, readJob } from '../../src/chain/market.js';
import { claimCall, takeCall } from '../../src/chain/market-calls.js';
import { stakeQuote } from '../../src/chain/quote.js';
import { mustBeSent } from '../../src/chain/sender.js';
import { zeroHash } from '../../src/commitments/hash.js';
import { CALM, must, posted, settleWorld } from './support/world.js';

const world = settleWorld();
const garbage = zeroHash().fill(7);

test('a claim with a game open is not final, and after its fall the challenger is paid', async () => {
  const id = BigInt(await posted(world, `--reward 1 --min-bond 4 ${CALM}`));
  must(await world.settle(`take ${id} --job ${world.bundle} --unlocked 2 --yes`));
  const { market } = world;
  mustBeSent(await (await world.sender(2)).send(claimCall(market, id, garbage, garbage)));
  const job = await readJob(market, id);
  const { bond } = await stakeQuote(market, 'challenger', job);
  const whole = { i: 0, leafI: job.terms.genesis, pathI: [], j: 5, leafJ: garbage, pathJ: [], bond };
  const challenger = await world.sender(3);
  mustBeSent(await challenger.send(openCall(market, 1n, job.jobHash, whole)));

  const standing = await world.settle('collect 1 --unlocked 3');
  expect([standing.exitCode, standing.result.state, standing.result.from]).toEqual([21, 'too-early', null]);
  // The window is over and the game is not: the solver's clock still runs.
  await world.pass(21_601);
  const open = await world.settle('finalize 1 --unlocked 2');
  expect([open.exitCode, open.result.reason]).toEqual([21, 'open games of this claim: 1']);
  const live = must(await world.settle(`status ${id}`));
  expect(live.next).toEqual([
    { who: 'solver', what: 'answer', until: null, from: null },
    { who: 'challengers', what: 'answer', until: null, from: null },
  ]);

  mustBeSent(await challenger.send(moveCall(market, 1n, { kind: 'timeout', from: 'challenger' })));
  const claim = await readClaim(market, 1n);
  // Half of four ether is burnt, and the other half is shared.
  expect([claim.status, claim.pot]).toEqual(['fallen', 2n * 10n ** 18n]);
  const fallen = must(await world.settle('status --claim 1'));
  expect(fallen).toMatchObject({ status: 'open', claim: { status: 'fallen', open: 1 } });
  expect(fallen.next[0]).toEqual({ who: 'challengers', what: 'collect', until: null, from: null });
  must(await world.settle('collect 1 --unlocked 4'));
  const paid = must(await world.settle('withdraw --unlocked 3'));
  expect(paid.amount).toBe(String(bond + 2n * 10n ** 18n));
  const again = await world.settle('collect 1 --unlocked 3');
  expect(again).toMatchObject({ exitCode: 5, error: { code: 'chain.reverted', data: { name: 'WrongTurn' } } });
});

test('a take that answers other terms than the job has after a reorganisation fails, and so does nothing', async () => {
  const { market } = world;
  const snapshot = await world.ask('evm_snapshot');
  const seen = await readJob(market, BigInt(await posted(world, `--reward 1 ${CALM}`)));
  await world.ask('evm_revert', snapshot);
  const other = await readJob(market, BigInt(await posted(world, '--reward 1 --window 1d --clock 3h --train-time 1h')));
  expect([other.id, other.jobHash]).toEqual([seen.id, seen.jobHash]);
  const solver = await world.sender(2);
  const refused = solver.send(takeCall(market, seen, 10n ** 18n));
  await expect(refused).rejects.toMatchObject({ code: 'chain.reverted', data: { name: 'WrongTerms' } });
});

test('nothing is owed to whoever did nothing, and unknown numbers are named', async () => {
  const nothing = await world.settle('withdraw --unlocked 8');
  expect(nothing).toMatchObject({ exitCode: 5, error: { data: { name: 'NothingToWithdraw' } } });
  expect((await world.settle('status --claim 77')).error?.code).toBe('market.no-such-claim');
  expect((await world.settle('status 77')).error?.code).toBe('market.no-such-job');
  expect((await world.settle('quote 77')).error?.code).toBe('market.no-such-job');
  expect((await world.settle('finalize 77 --unlocked 1')).error).toMatchObject({ data: { name: 'NotLive' } });
  expect((await world.settle('status 1 --claim 1')).error?.code).toBe('command.conflict');
});

test('a quote follows the base fee, and is enough when it doubles', async () => {
  const id = await posted(world, `--reward 1 ${CALM}`);
  await world.ask('anvil_setNextBlockBaseFeePerGas', '0x2540be400');
  await world.ask('evm_mine');
  const gwei = 10n ** 9n;
  const { limits } = world.market;
  const solver = must(await world.settle(`quote ${id}`));
  const challenger = must(await world.settle(`quote ${id} --role challenger`));
  expect(solver.requiredBond).toBe(String(20n * BigInt(limits.solverGas) * 10n * gwei));
  expect(challenger.requiredBond).toBe(String(4n * BigInt(limits.solverGas) * 10n * gwei));
  for (const { bond, requiredBond } of [solver, challenger]) expect(BigInt(bond)).toBe(2n * BigInt(requiredBond));
  expect(challenger.longestDelay).toBe(2 * 10_800);
  await world.ask('anvil_setNextBlockBaseFeePerGas', '0x4a817c800');
  must(await world.settle(`take ${id} --job ${world.bundle} --unlocked 5 --yes`));
  expect(must(await world.settle(`quote ${id} --role client`)).bond).toBe('0');
});
