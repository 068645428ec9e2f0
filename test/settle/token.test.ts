import { beforeAll, describe, expect, test } from '@jest/globals';
import { readCounts, readJob } from '../../src/chain/market.js';
import type { Sender } from '../../src/chain/sender.js';
import type { Address } from '../../src/chain/signer.js';
import { approveCall, readAllowance, readToken } from '../../src/chain/token.js';
import { deployToken } from './support/token.js';
import { CALM, must, settleWorld, trainedRun } from './support/world.js';

const world = settleWorld();
let client: Sender;
beforeAll(async () => {
  client = await world.sender(1);
});

const post = (token: Address, options: string) =>
  world.settle(`post ${world.bundle} --token ${token} ${CALM} --unlocked 1 --yes ${options}`);

describe('a reward in a token', () => {
  test('is approved, held, and paid out beside the bond', async () => {
    const token = await deployToken(client, { decimals: 6, supply: 1_000_000_000n });
    const offer = must(await post(token, '--reward 250.5'));
    expect(offer.terms).toMatchObject({ token, reward: '250500000' });
    expect(offer.transactions.map(({ what }: { what: string }) => what)).toEqual([
      'approve the reward in GEM',
      'post the job',
    ]);
    const spent = offer.transactions.reduce(
      (sum: number, { gasUsed }: { gasUsed: string }) => sum + Number(gasUsed),
      0,
    );
    expect(spent).toBeLessThanOrEqual(Number(offer.quote.expectedGas));
    must(await world.settle(`take ${offer.job} --job ${world.bundle} --unlocked 2 --yes`));
    const { claim } = must(await world.settle(`claim ${await trainedRun(world)} --unlocked 2 --yes`));
    await world.pass(21_601);
    must(await world.settle(`finalize ${claim} --unlocked 2`));
    const paid = must(await world.settle(`withdraw --token ${token} --unlocked 2`));
    expect(paid).toMatchObject({ token, amount: '250500000' });
    const solver = world.chain.accounts[2]!.address;
    expect((await readAllowance(world.connection, token, solver, world.market.address)).balance).toBe(250_500_000n);
    // The bond is in another book.
    expect(BigInt(must(await world.settle('withdraw --unlocked 2')).amount)).toBeGreaterThan(0n);
    const text = must(await world.settle(`status ${offer.job}`));
    expect(text).toMatchObject({ status: 'closed', claim: { status: 'final' } });
  });

  test('needs nothing more where enough is approved, and clears what is too little', async () => {
    const address = await deployToken(client, { decimals: 0, supply: 100n });
    const token = await readToken(world.connection, address);
    expect(token).toEqual({ address, symbol: 'GEM', decimals: 0 });
    await client.send(approveCall(token, world.market.address, 30n));
    const whats = ({ transactions }: { transactions: { what: string }[] }) => transactions.map(({ what }) => what);
    expect(whats(must(await post(address, '--reward 20')))).toEqual(['post the job']);
    const approve = 'approve the reward in GEM';
    expect(whats(must(await post(address, '--reward 20')))).toEqual([approve, approve, 'post the job']);
  });

  test('is what arrives, where a token keeps a part', async () => {
    const token = await deployToken(client, { decimals: 2, supply: 10_000n, feePercent: 10 });
    const offer = await post(token, '--reward 50');
    expect(offer.warnings).toContainEqual(expect.stringContaining('only 45 GEM arrived'));
    expect((await readJob(world.market, BigInt(must(offer).job))).terms.reward).toBe(4500n);
  });

  test.each([
    ['more than the account has', '--reward 100.01', 'market.not-enough-tokens', 5],
    ['digits that the token does not have', '--reward 0.001', 'command.invalid-answer', 2],
  ] as const)('is refused if it is %s', async (_what, options, code, exitCode) => {
    const token = await deployToken(client, { decimals: 2, supply: 10_000n });
    const [nonce, { jobs }] = [await world.nonce(1), await readCounts(world.market)];
    const answer = await post(token, options);
    expect([answer.exitCode, answer.error?.code]).toEqual([exitCode, code]);
    expect([await world.nonce(1), (await readCounts(world.market)).jobs]).toEqual([nonce, jobs]);
  });

  test('with absurd decimals is no token', async () => {
    const token = await deployToken(client, { decimals: 255, supply: 1n });
    expect((await post(token, '--reward 1')).error?.code).toBe('market.not-a-token');
  });

  test('on a dry run shows the approval and sends nothing', async () => {
    const token = await deployToken(client, { decimals: 2, supply: 10_000n });
    const nonce = await world.nonce(1);
    const { result } = await post(token, '--reward 5 --dry-run');
    expect(result).toMatchObject({ state: 'dry-run', calls: [{ what: 'approve the reward in GEM', to: token }] });
    expect(await world.nonce(1)).toBe(nonce);
  });
});
