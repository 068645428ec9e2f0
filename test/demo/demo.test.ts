/** The whole story, as a person or a script gets it from the built product. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { readEvidence } from '../../src/chain/evidence.js';
import { compileJobFile } from '../../src/job/compile.js';
import { loadRun } from '../../src/verify/load-run.js';
import { type Ended, gensyn, gensynJson, start } from '../e2e/support/gensyn.js';
import { fixturePath } from '../job/fixture-path.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { type DemoDocument, hasBackground, urlIn, withoutColour } from './support/reading.js';

const folder = temporaryFolder();
const JOB = fixturePath('jobs/iris.json');
const STEPS = 40;
const PHASES = ['run', 'step', 'ops', 'tensor', 'word', 'machine', 'prove'];

/** A folder for temporary files that nobody else uses. */
function ownTemporary(): string {
  const path = folder.path('tmp');
  mkdirSync(path);
  return path;
}

function demo(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return gensyn(['demo', '--job', JOB, '--steps', String(STEPS), ...args], { environment });
}

describe('gensyn demo --json', () => {
  test('is one document: every move, the verdict, and money that neither comes from nowhere nor gets lost', async () => {
    const temporary = ownTemporary();
    const { exitCode, stdout } = await demo(['--json'], { TMPDIR: temporary });
    expect(exitCode).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
    const { schema, ok, result } = JSON.parse(stdout) as { schema: string; ok: boolean; result: DemoDocument };
    expect([schema, ok]).toEqual(['gensyn.demo/1', true]);
    expect(Object.keys(result)).toEqual([
      ...['job', 'chain', 'honest', 'cheat', 'fault', 'verification', 'dispute', 'transactions'],
      ...['balances', 'burnt', 'contractBalance', 'kept'],
    ]);
    expect(result.job).toMatchObject({ name: 'iris', steps: STEPS, checkpointEvery: 4 });
    expect(result.honest.traceRoot).not.toBe(result.cheat.traceRoot);
    expectFound(result);
    expectNarrowed(result);
    expectConserved(result);
  });
});

/** The verifier's sample holds the interval of the fault, and nothing else of it is known to him. */
function expectFound({ fault, job, verification }: DemoDocument): void {
  const interval = Math.floor(fault.step / job.checkpointEvery);
  expect(verification).toMatchObject({ mode: 'sample', of: 10, verdict: 'diverged', interval });
  expect(verification.intervals).toHaveLength(3);
  expect(verification.intervals).toContain(interval);
  expect(verification.beacon).toMatch(/^0x[0-9a-f]{64}$/);
}

/** Every move leaves no more than the one before, down to the fault's own place, within the bound. */
function expectNarrowed({ dispute, fault }: DemoDocument): void {
  const { moves, moveBound, verdict, ending, loser, instruction, gas } = dispute;
  expect({ verdict, ending, loser }).toEqual({ verdict: 'claim-fell', ending: 'proved', loser: 'cheat' });
  expect(Object.keys(moves[0]!).slice(0, 7)).toEqual(['move', 'phase', 'range', 'by', 'gas', 'ms', 'txHash']);
  const left = moves.map(({ instructionsLeft }) => BigInt(instructionsLeft));
  expect(left).toEqual([...left].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
  expect(left.at(-1)).toBe(1n);
  const levels = moves.map(({ phase }) => PHASES.indexOf(phase));
  expect(levels).toEqual([...levels].sort((a, b) => a - b));
  expect(moves.at(-1)).toMatchObject({
    move: 'prove',
    step: fault.step,
    operator: fault.operator,
    element: fault.element,
  });
  const by = (role: string) => moves.filter((move) => move.by === role).length;
  expect(by('cheat')).toBeLessThanOrEqual(moveBound.solver);
  // The proof is the solver's burden, and here given by the verifier.
  expect(moves.length).toBeLessThanOrEqual(moveBound.solver + moveBound.challenger);
  expect(gas.cheat + gas.verifier).toBe(moves.reduce((sum, move) => sum + move.gas, 0));
  const flipped = Number(instruction.result.expected.bits) ^ Number(instruction.result.claimed.bits);
  expect(flipped).toBe(1 << fault.bit);
  expect(new Set(moves.map(({ txHash }) => txHash)).size).toBe(moves.length);
}

function expectConserved({ balances, transactions, burnt, contractBalance, dispute }: DemoDocument): void {
  expect(contractBalance).toBe('0');
  expect(BigInt(burnt)).toBe(BigInt(dispute.solverBond) / 2n);
  let sum = BigInt(burnt);
  for (const { role, before, after, difference, gasPaid } of balances) {
    expect(BigInt(after) - BigInt(before)).toBe(BigInt(difference));
    const fees = transactions.filter(({ by }) => by === role).reduce((total, { fee }) => total + BigInt(fee), 0n);
    expect(BigInt(gasPaid)).toBe(fees);
    sum += BigInt(difference) + fees;
  }
  expect(sum).toBe(0n);
  const gain = (role: string) => {
    const found = balances.find((account) => account.role === role)!;
    return BigInt(found.difference) + BigInt(found.gasPaid);
  };
  const ether = 10n ** 18n;
  expect(gain('solver')).toBe(ether);
  expect(gain('client')).toBe(-ether);
  expect(gain('cheat')).toBe(-BigInt(dispute.solverBond));
  expect(gain('verifier')).toBe(BigInt(dispute.solverBond) / 2n);
}

/** The story in order; between these lines there may be others. */
const SHAPE = [
  /^gensyn demo {2}iris: 40 training steps, a checkpoint every 4, \d+ operators, \d+ numbers of state$/,
  /^chain 31337 at http:\/\/127\.0\.0\.1:\d+, contract 0x[0-9a-fA-F]{40}$/,
  /^── 1 {2}An honest solver is paid ─+$/,
  /^ +[\d,]+ +[\d.]+ {2}client {4}posts job 1: 1 ETH for 40 training steps of iris$/,
  /^ +[\d,]+ +[\d.]+ {2}solver {4}takes job 1 with a bond of 2 ETH$/,
  /^ +[\d.]+ {2}solver {4}trains 40 steps: \d+ steps\/s, loss [\d.]+, test accuracy [\d.]+ %$/,
  /^ +the window of 1 h passes \(the local chain's clock is moved\)$/,
  /^ +[\d,]+ +[\d.]+ {2}solver {4}withdraws 3 ETH$/,
  /^── 2 {2}A solver cheats, and is found ─+$/,
  /^ +[\d.]+ {2}cheat {5}trains it, and flips one bit in training step 5:$/,
  /^ +bit 30 of element 3 of operator \d+ \(\w+, [\w/]+\)$/,
  /^ +[\d.]+ {2}verifier {2}replays all 10 intervals between checkpoints$/,
  /^ +verifier {2}stakes [\d.]+ ETH on it, and opens game 1$/,
  /^── 3 {2}The dispute: /,
  /^ +[\d,]+ +[\d.]+ {2}verifier {2}2\^\d+ +━+ ┬ training steps 4 to 7$/,
  /^ +[\d,]+ +[\d.]+ {2}cheat +│ 3 state roots$/,
  /^ +[\d,]+ +[\d.]+ {2}verifier {2}2\^\d+ +━+─+ └┬ training step 5$/,
  /^ +[\d,]+ +[\d.]+ {2}verifier {2}2\^\d+ +━+─+ +└┬ element 3$/,
  /^ +[\d,]+ +[\d.]+ {2}verifier {2}2\^0 +━─+ +└┬ instruction \d+: to be executed$/,
  /^ +[\d,]+ +[\d.]+ {2}verifier {2}2\^0 +━─+ +└● the contract executes it$/,
  /^instruction +\d+ of \d+, at \d+.*: /,
  /^sets +r\d+ = [-\d.e+]+ \(0x[0-9a-f]{8}\) expected$/,
  /^ +r\d+ = [-\d.e+]+ \(0x[0-9a-f]{8}\) claimed$/,
  /^ +the claim fell \(proved\)$/,
  /^── 4 {2}Everybody takes out what is his ─+$/,
  /^ETH +before +after +difference +of which gas$/,
  /^contract +0\.000000 +0\.000000 +0\.000000$/,
  /^All differences and all gas together: 0 wei\.$/,
];

describe('gensyn demo for people', () => {
  test('tells the story in lines that fit, in green where there is colour, and keeps what it is told to', async () => {
    const kept = join(folder.path('kept'), 'here');
    // In the first layer's product: any wrong bit there goes on into the state.
    const { exitCode, stdout } = await demo(['--full', '--fault', '5,2,3,30', '--keep', kept], { FORCE_COLOR: '3' });
    expect(exitCode).toBe(0);
    // Phosphor green in the foreground, and no background at all.
    expect(stdout).toContain('\u001b[38;2;57;255;136m');
    expect(hasBackground(stdout)).toBe(false);
    const lines = withoutColour(stdout).split('\n');
    const expected = [...SHAPE];
    for (const line of lines) if (expected[0]?.test(line)) expected.shift();
    expect(expected).toEqual([]);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    const job = (await loadRun(join(kept, 'honest'))).bundle;
    expect((await loadRun(join(kept, 'cheat'), job)).manifest.injectFault).toMatchObject({ step: 5, element: 3 });
    expect(await readEvidence(join(kept, 'evidence-2.json'))).toMatchObject({ claim: 2n, opening: { i: 1, j: 2 } });
    expect(existsSync(join(kept, 'job', 'manifest.json'))).toBe(true);
  });

  test('leaves neither a chain nor files when it is interrupted, and no escape codes without colour', async () => {
    const temporary = ownTemporary();
    const environment = { TMPDIR: temporary, NO_COLOR: '1', FORCE_COLOR: '3' };
    const running = start(['demo', '--job', JOB, '--steps', String(STEPS)], { environment });
    const told = new Promise<void>((resolve) => {
      running.stderr.on('data', (text: Buffer) => {
        if (String(text).includes('training iris')) resolve();
      });
    });
    await Promise.race([told, running.ended]);
    expect(readdirSync(temporary)).toHaveLength(1);
    running.kill('SIGINT');
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stdout).not.toContain('\u001b');
    expect(readdirSync(temporary)).toEqual([]);
    await expect(fetch(urlIn(stdout))).rejects.toThrow();
  });
});

describe('what the demo refuses', () => {
  test('a folder with something in it, and a fault that points at nothing', async () => {
    const used = folder.path('used');
    mkdirSync(used);
    writeFileSync(join(used, 'mine'), '');
    const refused = await gensynJson(['demo', '--job', JOB, '--keep', used]);
    expect([refused.exitCode, refused.error?.code]).toEqual([2, 'demo.folder-not-empty']);
    const beyond = await gensynJson(['demo', '--job', JOB, '--steps', '8', '--fault', '8,0,0,0']);
    expect([beyond.exitCode, beyond.error?.code]).toEqual([2, 'run.fault-out-of-range']);
  });

  test('a fault that no state keeps: there would be nothing to catch', async () => {
    const { bundle } = await compileJobFile(JOB, {}, await loadBackend('reference'));
    const metric = bundle.program.operators.findIndex(({ label }) => label.startsWith('metric/'));
    expect(metric).toBeGreaterThan(0);
    const { exitCode, error } = await gensynJson(['demo', '--job', JOB, '--steps', '8', '--fault', `3,${metric},0,0`]);
    expect([exitCode, error?.code]).toEqual([2, 'demo.fault-without-effect']);
  });
});
