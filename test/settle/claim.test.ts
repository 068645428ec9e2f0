import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readJob } from '../../src/chain/market.js';
import { checkpointPath } from '../../src/run/checkpoint.js';
import { gensyn } from '../e2e/support/gensyn.js';
import { runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { codeOf, flipLastBit, sendsNothing } from './support/refusals.js';
import { CALM, must, posted, settleWorld, trainedRun } from './support/world.js';

const world = settleWorld();

describe('claim refuses, and sends nothing', () => {
  let id = '';
  let good = '';
  beforeAll(async () => {
    id = await posted(world, `--reward 1 ${CALM}`);
    must(await world.settle(`take ${id} --job ${world.bundle} --unlocked 6 --yes`));
    good = await trainedRun(world);
  });
  let run = '';
  beforeEach(() => {
    run = world.path('copy');
    cpSync(good, run, { recursive: true });
  });
  const claim = async (folder: string, options = '--unlocked 6') => {
    const answer = await sendsNothing(world, 6, () =>
      world.settle(`claim ${folder} --job-id ${id} --yes --threads 1 ${options}`),
    );
    expect((await readJob(world.market, BigInt(id))).status).toBe('taken');
    expect(existsSync(join(folder, 'claim.json'))).toBe(false);
    return answer;
  };

  test('a run of another job', async () => {
    const out = world.path('other-run');
    must(await runHereJson(['train', writeJob(world.path('other.json'), { seed: 8 }), '--out', out, '--threads', '1']));
    expect(codeOf(await claim(out))).toEqual([6, 'run.other-job']);
    expect(codeOf(await world.settle(`claim ${out} --yes --unlocked 6`))).toEqual([5, 'market.job-not-found']);
  });

  test('a run with a wrong bit in it', async () => {
    const answer = await claim(await trainedRun(world, '--inject-fault', '17,20,0,20'));
    expect([answer.exitCode, answer.result.state]).toEqual([20, 'diverged']);
    expect(answer.result.verification.divergence).toMatchObject({ checkpoint: 3 });
  });

  test('a run that is not finished', async () => {
    const trace = join(run, 'trace.jsonl');
    writeFileSync(trace, `${readFileSync(trace, 'utf8').trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
    expect(codeOf(await claim(run))).toEqual([6, 'run.trace-incomplete']);
  });

  test('a run with a damaged checkpoint', async () => {
    flipLastBit(checkpointPath(run, 16));
    const [exitCode, code] = codeOf(await claim(run));
    expect(exitCode).toBe(6);
    expect(code).toMatch(/^run\.checkpoint-/);
  });

  test('a run with another checkpoint under the name of one', async () => {
    copyFileSync(checkpointPath(run, 24), checkpointPath(run, 16));
    expect((await claim(run)).exitCode).toBe(6);
  });

  test('a run without one of its checkpoints, which could not be defended', async () => {
    rmSync(checkpointPath(run, 16));
    const answer = await claim(run);
    expect(codeOf(answer)).toEqual([6, 'market.run-not-claimable']);
    expect(answer.error?.message).toContain('step 16');
  });

  test('a run of a backend that is not canonical', async () => {
    const path = join(run, 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"canonical": true', '"canonical": false'));
    expect(codeOf(await claim(run))).toEqual([6, 'market.run-not-claimable']);
  });

  test('the key of somebody else', async () => {
    const answer = await sendsNothing(world, 7, () => claim(run, '--unlocked 7'));
    expect(codeOf(answer)).toEqual([5, 'market.not-the-owner']);
  });

  test('a key that the password does not open', async () => {
    const [key, password] = [world.path('key.json'), world.path('password')];
    writeFileSync(key, JSON.stringify(KEYSTORE));
    writeFileSync(password, 'wrong');
    expect(codeOf(await claim(run, `--keystore ${key} --password-file ${password}`))).toEqual([
      4,
      'chain.wrong-password',
    ]);
  });

  test('on a dry run, after it has verified all of it', async () => {
    const { exitCode, result } = await claim(run, '--unlocked 6 --dry-run');
    expect([exitCode, result.state, result.verification.checked.intervals]).toEqual([0, 'dry-run', 5]);
  });

  test('to be asked where there is nobody, in the built program too', async () => {
    const where = ['--rpc-url', world.chain.url, '--deployments', world.path('none')];
    const { exitCode, stderr } = await gensyn(['settle', 'claim', run, '--job-id', id, '--unlocked', '6', ...where]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('run.missing')]);
    const answer = await sendsNothing(world, 6, () => world.settle(`claim ${run} --job-id ${id} --unlocked 6`));
    expect(codeOf(answer)).toEqual([2, 'command.no-answer']);
  });
});

/** The PBKDF2 example of the Web3 Secret Storage definition; its password is `testpassword`. */
const KEYSTORE = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
