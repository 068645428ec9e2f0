/** `gensyn verify --claim` and `gensyn dispute`, from the command line to the chain. */
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { listGames } from '../../src/chain/games.js';
import { readClaim } from '../../src/chain/market.js';
import { runPaths } from '../../src/run/run-folder.js';
import { gensyn } from './support/command.js';
import { ACCOUNTS, disputeStage } from './support/stage.js';

const { stage, path, claim } = disputeStage();
const at = { chain: [] as string[], job: '' };
const asChallenger = ['--unlocked', String(ACCOUNTS.challenger)];
const asSolver = ['--unlocked', String(ACCOUNTS.solver)];
let claims: { honest: bigint; cheat: bigint };

beforeAll(async () => {
  at.chain = ['--rpc-url', stage.chain.url, '--deployments', stage.deployments, '--no-input'];
  at.job = runPaths.job(stage.honest.directory);
  claims = { honest: await claim(stage.honest), cheat: await claim(stage.cheat) };
});

const run = (...argv: readonly string[]) => gensyn(...argv, ...at.chain);
const blockNumber = () => stage.market.connection.client.getBlockNumber();

describe('gensyn verify --claim', () => {
  test.each(['published', 'withheld'])('an honest claim is verified, its run %s', async (how) => {
    const runs = how === 'published' ? [stage.honest.directory] : [];
    const ran = await run('verify', ...runs, '--claim', String(claims.honest), '--job', at.job, '--json');
    expect(ran).toMatchObject({ code: 0, result: { verdict: 'verified', evidence: null } });
    expect(ran.result['isFullReplay']).toBe(how === 'withheld');
  });

  test('a false claim leaves evidence, with the run and without it', async () => {
    const [short, long] = [path('short.json'), path('long.json')];
    const about = ['--claim', String(claims.cheat), '--job', at.job, '--json'];
    const sampled = await run('verify', stage.cheat.directory, ...about, '--evidence', short);
    expect(sampled).toMatchObject({ code: 20, result: { verdict: 'diverged', disputed: { from: 2, to: 3 } } });
    const full = await run('verify', ...about, '--evidence', long);
    expect(full).toMatchObject({ code: 20, result: { isFullReplay: true, disputed: { from: 0, to: 5 } } });
    expect(JSON.parse(readFileSync(short, 'utf8'))).toMatchObject({ schema: 'gensyn.evidence/1', chainId: 31337 });
  });

  test('a sample says what it is worth', async () => {
    const about = ['--claim', String(claims.honest), '--job', at.job, '--sample', '2', '--json'];
    const ran = await run('verify', stage.honest.directory, ...about);
    expect(ran).toMatchObject({ code: 0, result: { checked: { intervals: 2, of: 5 } } });
    expect(ran.result['detectionProbability']).toMatchObject({ oneInterval: expect.closeTo(0.4) });
  });

  test('a run that is not the claimed one is no evidence: everything is replayed', async () => {
    const ran = await run('verify', stage.cheat.directory, '--claim', String(claims.honest), '--job', at.job, '--json');
    expect(ran).toMatchObject({ code: 0, result: { verdict: 'verified', isFullReplay: true } });
  });

  test.each([
    [['verify', '--claim', '1'], 'command.requires'],
    [['verify'], 'command.usage'],
    [['verify', 'x', '--evidence', 'y'], 'command.requires'],
    [['verify', 'x', '--claim', '1', '--job', 'j', '--merge', 'm'], 'command.conflict'],
  ])('%j is refused', async (argv, code) => {
    expect((await gensyn(...argv, '--json')).error?.code).toBe(code);
  });
});

describe('gensyn dispute', () => {
  test('a dry run and an observer send nothing', async () => {
    const before = await blockNumber();
    const about = ['--claim', String(claims.cheat), '--job', at.job, ...asChallenger, '--json'];
    const dry = await run('dispute', 'open', stage.cheat.directory, ...about, '--dry-run');
    expect(dry).toMatchObject({ code: 0, result: { state: 'dry-run', from: 2, to: 3, quote: { role: 'challenger' } } });
    const dear = await run(
      'dispute',
      'open',
      stage.cheat.directory,
      ...about,
      '--dry-run',
      '--max-bond',
      '0.000000001',
    );
    expect([dear.code, dear.error?.code]).toEqual([5, 'market.bond-too-high']);
    const looked = await run('dispute', 'watch', '--all', '--once', '--json');
    expect(looked.code).toBe(0);
    expect(looked.result['claims']).toHaveLength(2);
    expect(await blockNumber()).toBe(before);
  });

  test('nothing is staked on a claim that agrees', async () => {
    const before = await blockNumber();
    const about = ['--claim', String(claims.honest), '--job', at.job, ...asChallenger, '--yes', '--json'];
    const ran = await run('dispute', 'open', stage.honest.directory, ...about);
    expect(ran).toMatchObject({ code: 21, result: { state: 'nothing' } });
    expect(await blockNumber()).toBe(before);
  });

  test('needs a person or --yes before it stakes', async () => {
    const about = ['--claim', String(claims.cheat), '--job', at.job, ...asChallenger, '--json'];
    const ran = await run('dispute', 'open', stage.cheat.directory, ...about);
    expect(ran.error?.code).toBe('command.no-answer');
  });

  test('evidence that was tampered with is refused, or proves nothing', async () => {
    const file = path('evidence.json');
    const about = ['--claim', String(claims.cheat), '--job', at.job];
    await run('verify', stage.cheat.directory, ...about, '--evidence', file);
    const right = JSON.parse(readFileSync(file, 'utf8'));
    const before = await blockNumber();
    const attempt = async (change: object, ...more: string[]) => {
      writeFileSync(file, JSON.stringify({ ...right, ...change }));
      const runs = more.length > 0 ? more : [stage.cheat.directory];
      return run('dispute', 'open', ...runs, '--evidence', file, '--job', at.job, ...asChallenger, '--yes', '--json');
    };
    expect((await attempt({ chainId: 1 })).error?.code).toBe('dispute.evidence-mismatch');
    expect((await attempt({ game: right.game.replace(/.$/, 'f') })).error?.code).toBe('dispute.evidence-mismatch');
    expect((await attempt({ claim: String(claims.honest) })).error?.code).toBe('dispute.evidence-mismatch');
    expect((await attempt({ jobHash: right.left.root })).error?.code).toBe('dispute.evidence-mismatch');
    expect((await attempt({ surplus: 1 })).error?.code).toBe('dispute.evidence-invalid');
    expect((await attempt({ left: right.right })).error?.code).toBe('dispute.claim-over');
    expect((await attempt({ right: { ...right.right, siblings: [] } })).error?.code).toBe('dispute.claim-over');
    expect((await attempt({ left: { ...right.left, root: right.right.root } })).error?.code).toBe('dispute.claim-over');
    // An honest interval, its leaves proven: the replays agree with the claim.
    const first = { leaf: 0, root: `0x${Buffer.from(stage.cheat.run.leaves[0]!).toString('hex')}`, siblings: [] };
    expect(await attempt({ left: first, right: right.left })).toMatchObject({ code: 21, result: { state: 'nothing' } });
    writeFileSync(file, JSON.stringify(right));
    const without = ['--evidence', file, '--job', at.job, ...asChallenger, '--yes', '--json'];
    expect((await run('dispute', 'open', ...without)).error?.code).toBe('dispute.run-needed');
    expect(await listGames(stage.market)).toEqual([]);
    expect(await blockNumber()).toBe(before);
  });
});

describe('a dispute move by move', () => {
  test('respond, show and list lead from an opening to the fall and the collected bond', async () => {
    const claimId = await claim(stage.cheat);
    const open = ['--claim', String(claimId), '--job', at.job, ...asChallenger, '--yes', '--json'];
    const opened = await run('dispute', 'open', stage.cheat.directory, ...open);
    expect(opened).toMatchObject({ code: 0, result: { state: 'sent' } });
    const game = String(opened.result['game']);
    const again = await run('dispute', 'open', stage.cheat.directory, ...open);
    expect([again.code, again.error?.code]).toEqual([5, 'dispute.already-open']);
    const idle = await run('dispute', 'respond', game, '--job', at.job, ...asChallenger, '--json');
    expect(idle).toMatchObject({ code: 21, result: { state: 'nothing', turn: 'solver' } });
    const stranger = await run('dispute', 'respond', game, '--job', at.job, '--unlocked', '7', '--json');
    expect(stranger.error?.code).toBe('dispute.not-a-side');
    const solver = ['--run', stage.cheat.directory, ...asSolver];
    const dry = await run('dispute', 'respond', game, ...solver, '--dry-run', '--json');
    expect(dry).toMatchObject({ code: 0, result: { state: 'dry-run', move: 'reveal' } });
    expect(await run('dispute', 'respond', game, ...solver, '--json')).toMatchObject({
      code: 0,
      result: { move: 'reveal' },
    });

    const shown = await run('dispute', 'show', game, '--job', at.job);
    expect(shown.stdout).toContain('challenger to move');
    expect(shown.stdout).toContain(`training steps 32 to 47`);
    expect(shown.stdout).toMatch(/└─ 15 entries revealed/);

    expect((await run('dispute', 'show', game)).stdout).toMatch(
      new RegExp(`^game +${game} against claim ${claimId}: challenger`),
    );

    const challenger = ['--job', at.job, '--run', stage.cheat.directory, ...asChallenger];
    const sides = [challenger, solver];
    for (let turn = 0; turn < 40; turn++) {
      const ran = await run('dispute', 'respond', game, ...sides[turn % 2]!, '--json');
      if (ran.result['state'] === 'over' || (ran.result['status'] ?? 'live') !== 'live') break;
    }
    const end = await run('dispute', 'show', game, '--job', at.job, '--json');
    expect(end.result).toMatchObject({ status: 'claim-fell', ending: 'proved', turn: null });
    const { step, operator, element } = stage.fault;
    expect(end.result['position']).toMatchObject({ step, element, operator: { index: operator, kind: 'matmul' } });
    const tree = (await run('dispute', 'show', game, '--job', at.job)).stdout;
    expect(tree).toContain(`training step ${step}`);
    expect(tree).toContain(`element ${element}`);
    expect(tree).toContain('the claim falls');

    const watched = await run('dispute', 'watch', '--game', game, ...challenger, '--json');
    expect(watched).toMatchObject({ code: 0, result: { state: 'over', result: 'won' } });
    const listed = await run('dispute', 'list', '--claim', String(claimId), '--json');
    expect(listed.result['games']).toMatchObject([{ claim: String(claimId), status: 'claim-fell', isCollected: true }]);
    expect((await run('dispute', 'list', '--claim', String(claimId))).stdout).toContain('claim fell, collected');
    const guarded = await run('dispute', 'watch', '--claim', String(claimId), ...solver, '--json');
    expect(guarded).toMatchObject({ code: 20, result: { state: 'fallen' } });
    expect(await readClaim(stage.market, claimId)).toMatchObject({ status: 'fallen', open: 0 });
  });
});
