import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { main } from '../../commands/main.js';
import { readCounts, readJob } from '../../src/chain/market.js';
import { postCall } from '../../src/chain/market-calls.js';
import { ETHER, type Terms } from '../../src/chain/terms.js';
import { resealBundle } from '../../src/job/bundle.js';
import { readBundle, writeBundle } from '../../src/job/bundle-folder.js';
import { runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { fakeProcess } from '../house/support/fake-io.js';
import { codeOf, flipLastBit, sendsNothing } from './support/refusals.js';
import { CALM, must, posted, settleWorld } from './support/world.js';

const world = settleWorld();

/** Posts terms past our own checks, as a hostile client does. */
async function postTerms(change: Partial<Terms>): Promise<string> {
  const { hashes, steps } = await readBundle(world.bundle);
  const { timestamp } = await world.connection.client.getBlock();
  const fair = { window: 21_600, clock: 10_800, trainTime: 3600, openUntil: Number(timestamp) + 3600 };
  const money = { token: ETHER, reward: 0n, minBond: 0n };
  const job = { program: hashes.program, genesis: hashes.genesisRoot, steps, checkpointLog2: 3 };
  await (await world.sender(1)).send(postCall(world.market, { ...job, ...money, ...fair, ...change }));
  return String((await readCounts(world.market)).jobs);
}

describe('take refuses, and sends nothing', () => {
  let id = '';
  beforeAll(async () => {
    id = await posted(world, `--reward 1 ${CALM}`);
  });
  const take = (job: string, options = '--yes', number = id) =>
    sendsNothing(world, 2, () => world.settle(`take ${number} --job ${job} --unlocked 2 ${options}`));

  test.each([
    ['another seed', { seed: 8 }, 'program hash'],
    ['another learning rate', { learningRate: 0.04 }, 'program hash'],
    ['another checkpoint interval', { checkpointEvery: 4 }, 'checkpoint interval'],
  ])('a job with %s', async (_what, change, names) => {
    const answer = await take(writeJob(world.path('other.json'), change));
    expect(codeOf(answer)).toEqual([6, 'market.other-job']);
    expect(answer.error?.message).toContain(names);
  });

  test('a job with fewer steps', async () => {
    const shorter = world.path('shorter');
    await writeBundle(resealBundle(await readBundle(world.bundle), { steps: 32 }), shorter);
    const answer = await take(shorter);
    expect(codeOf(answer)).toEqual([6, 'market.other-job']);
    expect(answer.error?.message).toContain('its number of steps is 32, and the chain has 40');
  });

  test.each(['constants.safetensors', 'genesis.safetensors', 'program.json'])('a bundle without %s', async (name) => {
    const copy = world.path('incomplete');
    cpSync(world.bundle, copy, { recursive: true });
    rmSync(join(copy, name));
    expect((await take(copy)).exitCode).toBeGreaterThan(1);
  });

  test('a bundle whose data were changed', async () => {
    const copy = world.path('changed');
    cpSync(world.bundle, copy, { recursive: true });
    flipLastBit(join(copy, 'constants.safetensors'));
    expect((await take(copy)).exitCode).toBe(6);
  });

  test.each([
    ['a window of 91 days', { window: 91 * 86_400 }, 'window'],
    ['a clock of 91 days', { clock: 91 * 86_400 }, 'clock'],
    ['91 days to train', { trainTime: 91 * 86_400 }, 'trainTime'],
  ])('%s, whatever is accepted', async (_what, change, term) => {
    const answer = await take(world.bundle, '--yes --accept-terms', await postTerms(change));
    expect(codeOf(answer)).toEqual([2, 'market.bad-terms']);
    expect(answer.error?.message).toContain(term);
  });

  test.each([
    ['a clock too short for some games at once', { clock: 60 }, 'clock'],
    ['a window shorter than the training', { window: 1800 }, 'window'],
  ])('%s, unless that is accepted', async (_what, change, term) => {
    const number = await postTerms(change);
    const refused = await take(world.bundle, '--yes', number);
    expect(codeOf(refused)).toEqual([2, 'market.doubtful-terms']);
    expect(refused.error?.message).toContain(term);
    const taken = await world.settle(`take ${number} --job ${world.bundle} --unlocked 2 --yes --accept-terms`);
    expect([taken.exitCode, taken.warnings.length]).toEqual([0, 1]);
  });

  test('a job that somebody has taken', async () => {
    const number = await posted(world, `--reward 1 ${CALM}`);
    must(await world.settle(`take ${number} --job ${world.bundle} --unlocked 3 --yes`));
    expect(codeOf(await take(world.bundle, '--yes', number))).toEqual([5, 'market.wrong-status']);
  });

  test('a bond that the account cannot pay', async () => {
    const number = await posted(world, `--reward 1 --min-bond 20000 ${CALM}`);
    expect(codeOf(await take(world.bundle, '--yes', number))).toEqual([5, 'chain.insufficient-funds']);
  });

  test('a bond that is larger than allowed', async () => {
    const number = await posted(world, `--reward 1 --min-bond 2 ${CALM}`);
    expect(codeOf(await take(world.bundle, '--yes --max-bond 1.5', number))).toEqual([5, 'market.bond-too-high']);
    expect((await take(world.bundle, '--yes --max-bond 2 --dry-run', number)).exitCode).toBe(0);
  });

  test('a job that does not exist', async () => {
    expect(codeOf(await take(world.bundle, '--yes', '999'))).toEqual([5, 'market.no-such-job']);
  });

  test('without --yes where there is nobody to ask', async () => {
    const answer = await take(world.bundle, '--quiet');
    expect(codeOf(answer)).toEqual([2, 'command.no-answer']);
    expect(answer.error?.message).toContain('--yes');
  });

  test('when a person says no, after showing what is at stake', async () => {
    const { io, stdout, stderr, exitCode } = fakeProcess({ terminal: true, environment: { TERM: 'xterm' } });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    // The answer is typed once the question stands there.
    const typing = setInterval(() => stderr().includes('Take job') && stdin.write('n\n'), 20).unref();
    const where = ['--rpc-url', world.chain.url, '--deployments', world.record];
    const nonce = await world.nonce(2);
    await main(['settle', 'take', id, '-q', '--job', world.bundle, '--unlocked', '2', ...where], { ...io, stdin });
    clearInterval(typing);
    expect([exitCode(), stdout()]).toEqual([21, 'Nothing was sent.\n']);
    for (const fact of ['bond', 'largest loss', 'longest delay', 'expected gas']) expect(stderr()).toContain(fact);
    expect(await world.nonce(2)).toBe(nonce);
  });

  test('on a dry run, which shows what it would send', async () => {
    const { exitCode, result } = await take(world.bundle, '--dry-run');
    expect([exitCode, result.state, result.calls.length]).toEqual([0, 'dry-run', 1]);
    const [call] = result.calls;
    expect(Object.keys(call)).toEqual(['what', 'from', 'to', 'value', 'gas', 'largestCost', 'data']);
    expect(call).toMatchObject({ to: world.market.address, value: result.quote.bond });
    // The number and the hash of the terms that were read: the job cannot become another one on the way.
    expect(call.data).toBe(`0x130991ea${BigInt(id).toString(16).padStart(64, '0')}${result.termsHash.slice(2)}`);
    expect((await readJob(world.market, BigInt(id))).status).toBe('open');
  });

  test('without an account, on another chain, or with a damaged record', async () => {
    const line = ['settle', 'take', id, '--job', world.bundle, '--yes', '--rpc-url', world.chain.url];
    const record = { schema: 'gensyn.deployments/1', chainId: 1, contracts: world.chain.deployments.contracts };
    const [elsewhere, damaged, right] = ['1.json', '2.json', '31337.json'].map((name) => world.path(name));
    writeFileSync(elsewhere!, JSON.stringify(record));
    writeFileSync(damaged!, '{"schema":');
    writeFileSync(right!, JSON.stringify({ ...record, chainId: 31337 }));
    const code = async (path: string) => codeOf(await runHereJson([...line, '--deployments', path]));
    expect(await code(elsewhere!)).toEqual([5, 'chain.wrong-chain']);
    expect(await code(damaged!)).toEqual([6, 'chain.deployments-invalid']);
    expect((await code(right!))[1]).toBe('chain.no-account');
  });
});

describe('post refuses, and sends nothing', () => {
  test.each([
    ['a window below the limit of the contracts', '--reward 1 --window 5s', 'market.bad-terms', 2],
    ['a clock of 91 days', '--reward 1 --clock 91d', 'market.bad-terms', 2],
    ['more digits than ether has', '--reward 1.0000000000000000001', 'command.invalid-answer', 2],
    ['a reward that the account does not have', '--reward 20000', 'chain.insufficient-funds', 5],
    ['a token that is none', `--reward 1 --token 0x${'11'.repeat(20)}`, 'market.not-a-token', 5],
    ['a time that is none', '--reward 1 --window 1.5h', 'command.usage', 2],
  ] as const)('%s', async (_what, options, code, exitCode) => {
    const { jobs } = await readCounts(world.market);
    const answer = await sendsNothing(world, 1, () =>
      world.settle(`post ${world.bundle} --unlocked 1 --yes ${options}`),
    );
    expect(codeOf(answer)).toEqual([exitCode, code]);
    expect((await readCounts(world.market)).jobs).toBe(jobs);
  });

  test('nothing, but warns of a bond that deters nobody', async () => {
    const answer = await world.settle(`post ${world.bundle} --unlocked 1 --yes --reward 2 ${CALM} --dry-run`);
    expect([answer.exitCode, answer.result.state]).toEqual([0, 'dry-run']);
    expect(answer.warnings).toEqual([expect.stringContaining('reward / (q · v)')]);
  });
});
