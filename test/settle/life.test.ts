import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readClaimRecord } from '../../src/chain/claim-record.js';
import { readClaim, readCredit, readJob } from '../../src/chain/market.js';
import { ETHER } from '../../src/chain/terms.js';
import { toHex } from '../../src/commitments/hash.js';
import { gensynJson, trained } from '../e2e/support/gensyn.js';
import { CALM, documentOf, must, posted, settleWorld, trainedRun } from './support/world.js';

const world = settleWorld();
const ether = (amount: number): bigint => BigInt(amount * 1000) * 10n ** 15n;

describe('a job from its offer to its payment, by the built program', () => {
  test('post, take, train, claim, finalize, withdraw', async () => {
    const line = `post ${world.bundle} --reward 1.5 --min-bond 20 --window 6h --clock 3h --train-time 1h --unlocked 1 --yes --json`;
    const offer = documentOf(await world.settleAlone(line));
    expect(offer).toMatchObject({ schema: 'gensyn.settle.post/1', ok: true, exitCode: 0, warnings: [] });
    expect(Object.keys(offer.result)).toEqual([
      'state',
      'job',
      'client',
      'termsHash',
      'jobHash',
      'terms',
      'quote',
      'transactions',
    ]);
    expect(offer.result.terms).toMatchObject({ reward: '1500000000000000000', window: 21_600, steps: 40 });
    const id = BigInt(offer.result.job);

    const taken = documentOf(await world.settleAlone(`take ${id} --job ${world.bundle} --unlocked 2 --yes --json`));
    expect(taken).toMatchObject({ schema: 'gensyn.settle.take/1', exitCode: 0 });
    expect(Object.keys(taken.result)).toEqual([
      'state',
      'job',
      'jobHash',
      'termsHash',
      'terms',
      'quote',
      'solver',
      'bond',
      'deadline',
      'transactions',
    ]);
    expect(Object.keys(taken.result.quote)).toEqual([
      'role',
      'bond',
      'requiredBond',
      'largestLoss',
      'longestDelay',
      'expectedGas',
      'expectedGasCost',
      'gasOfGame',
      'gasPrice',
    ]);
    expect(taken.result.quote).toMatchObject({ bond: String(ether(20)), longestDelay: 3600 + 21_600 + 2 * 10_800 });
    expect((await readJob(world.market, id)).bond).toBe(ether(20));

    const run = world.path('run');
    const { traceRoot, finalStateRoot } = await trained([world.bundle, '--out', run]);
    // The job is found by the account that took it.
    const claimed = documentOf(await world.settleAlone(`claim ${run} --unlocked 2 --yes --json`));
    expect(claimed).toMatchObject({ exitCode: 0, warnings: [expect.stringContaining('Keep the run')] });
    expect(claimed.result).toMatchObject({ job: String(id), traceRoot, finalRoot: finalStateRoot });
    expect(claimed.result.verification.verdict).toBe('verified');
    const claim = await readClaim(world.market, BigInt(claimed.result.claim));
    expect([toHex(claim.finalRoot), toHex(claim.traceRoot)]).toEqual([finalStateRoot, traceRoot]);
    expect(await readClaimRecord(run)).toMatchObject({
      chainId: 31337,
      contract: world.market.address,
      claim: claimed.result.claim,
      job: String(id),
      txHash: claimed.result.transactions[0].hash,
    });

    const early = await world.settleAlone(`finalize ${claim.id} --unlocked 3`);
    expect(early.exitCode).toBe(21);
    expect(early.stdout).toMatch(/^Too early to finalize claim \d+: it can be done from \d{4}-\d\d-\d\d .* \(in 6 h\)/);
    await world.pass(21_601);
    const finalized = documentOf(await world.settleAlone(`finalize ${claim.id} --unlocked 3 --json`));
    expect(finalized.exitCode).toBe(0);
    const before = await world.balance(4);
    const to = world.chain.accounts[4]!.address;
    const paid = documentOf(await world.settleAlone(`withdraw --to ${to} --unlocked 2 --json`));
    expect(paid.result.amount).toBe(String(ether(21.5)));
    expect((await world.balance(4)) - before).toBe(ether(21.5));

    // What was quoted is what was spent, with little to spare.
    const solver = [taken, claimed, finalized, paid].map(({ result }) => BigInt(result.transactions[0].gasUsed));
    const spent = Number(solver.reduce((sum, gas) => sum + gas, 0n));
    const quoted = Number(taken.result.quote.expectedGas);
    expect(spent).toBeLessThanOrEqual(quoted);
    expect(spent).toBeGreaterThan(0.7 * quoted);
    expect(Number(offer.result.transactions[0].gasUsed)).toBeLessThanOrEqual(Number(offer.result.quote.expectedGas));
  });

  test('deploy records the contracts once, with the limits it was given', async () => {
    const folder = world.path('deployments');
    const node = ['--rpc-url', world.chain.url, '--deployments', folder, '--unlocked', '0'];
    const deploy = (...options: string[]) => gensynJson(['settle', 'deploy', ...node, ...options]);
    const nonce = await world.nonce(0);
    const dry = await deploy('--dry-run', '--min-clock', '30m');
    expect(dry.result).toMatchObject({ state: 'dry-run', limits: { minClock: 1800 } });
    expect(dry.result.calls.map(({ what }: { what: string }) => what)).toEqual(['deploy Referee', 'deploy Game']);
    expect([await world.nonce(0), existsSync(join(folder, '31337.json'))]).toEqual([nonce, false]);
    expect(await deploy('--yes', '--min-clock', '30m', '--burn-percent', '60')).toMatchObject({ exitCode: 0 });
    const record = readFileSync(join(folder, '31337.json'), 'utf8');
    const refused = await deploy('--yes');
    expect([refused.exitCode, refused.error?.code]).toEqual([2, 'market.already-deployed']);
    expect(readFileSync(join(folder, '31337.json'), 'utf8')).toBe(record);
    const found = await gensynJson(['settle', 'status', ...node.slice(0, 4)]);
    expect(found.result).toMatchObject({ chainId: 31337, jobs: [] });
  });
});

describe('a job that does not get to its end', () => {
  test('is cancelled by its client while nobody has taken it', async () => {
    const id = await posted(world, `--reward 2 ${CALM}`);
    const stranger = await world.settle(`cancel ${id} --unlocked 3`);
    expect(stranger).toMatchObject({ exitCode: 5, error: { code: 'chain.reverted', data: { name: 'WrongSender' } } });
    const before = await readCredit(world.market, ETHER, world.chain.accounts[1]!.address);
    must(await world.settle(`cancel ${id} --unlocked 1`));
    expect((await readCredit(world.market, ETHER, world.chain.accounts[1]!.address)) - before).toBe(ether(2));
    expect((await readJob(world.market, BigInt(id))).status).toBe('closed');
  });

  test('opens again when its taker is late, and closes when nobody takes it', async () => {
    const id = await posted(world, '--reward 1 --window 6h --clock 3h --train-time 10m --open-until 1h');
    must(await world.settle(`take ${id} --job ${world.bundle} --unlocked 2 --yes`));
    const early = await world.settle(`expire ${id} --unlocked 3`);
    expect([early.exitCode, early.result.state]).toEqual([21, 'too-early']);
    await world.pass(early.result.from - (await lastTime()));
    const late = await world.settle(`claim ${await trainedRun(world)} --unlocked 2 --yes`);
    expect([late.exitCode, late.error?.code]).toEqual([22, 'market.deadline-missed']);
    must(await world.settle(`expire ${id} --unlocked 3`));
    const status = must(await world.settle(`status ${id}`));
    expect(status).toMatchObject({ status: 'open', solver: null, claim: null });
    expect(status.next.map(({ who, what }: { who: string; what: string }) => `${who} ${what}`)).toEqual([
      'anybody take',
      'client cancel',
    ]);
    await world.pass(3600);
    const missed = await world.settle(`take ${id} --job ${world.bundle} --unlocked 2 --yes`);
    expect([missed.exitCode, missed.error?.code]).toEqual([22, 'market.deadline-missed']);
    must(await world.settle(`expire ${id} --unlocked 3`));
    expect((await readJob(world.market, BigInt(id))).status).toBe('closed');
  });

  test('whose claim was lost from sight is found again by the same command', async () => {
    const id = await posted(world, `--reward 1 ${CALM}`);
    must(await world.settle(`take ${id} --job ${world.bundle} --unlocked 5 --yes`));
    const run = await trainedRun(world);
    const first = must(await world.settle(`claim ${run} --job-id ${id} --unlocked 5 --yes`));
    const nonce = await world.nonce(5);
    const copy = await trainedRun(world);
    const again = must(await world.settle(`claim ${copy} --unlocked 5 --yes`));
    expect(again).toMatchObject({ state: 'claimed-before', claim: first.claim, job: id });
    expect(await world.nonce(5)).toBe(nonce);
    expect(await readClaimRecord(copy)).toMatchObject({ claim: first.claim, txHash: null });
    // The same result for a second job: the record that the first claim is defended by must not be lost.
    const second = await posted(world, `--reward 1 ${CALM}`);
    must(await world.settle(`take ${second} --job ${world.bundle} --unlocked 5 --yes`));
    const refused = await world.settle(`claim ${run} --job-id ${second} --unlocked 5 --yes`);
    expect([refused.exitCode, refused.error?.code]).toEqual([2, 'market.run-backs-a-claim']);
    expect(await readClaimRecord(run)).toMatchObject({ claim: first.claim });
    await world.pass(21_601);
    must(await world.settle(`finalize ${first.claim} --unlocked 5`));
    await world.settle(`expire ${second} --unlocked 5`);
    must(await world.settle(`take ${second} --job ${world.bundle} --unlocked 5 --yes`));
    must(await world.settle(`claim ${run} --job-id ${second} --unlocked 5 --yes`));
    expect(await readClaimRecord(run)).toMatchObject({ job: second });
  });
});

async function lastTime(): Promise<number> {
  return Number((await world.connection.client.getBlock()).timestamp);
}
