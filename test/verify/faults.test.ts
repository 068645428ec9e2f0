import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
const [STEPS, EVERY] = [8, 2];

interface OperatorDescription {
  readonly index: number;
  readonly kind: string;
  readonly domain: readonly number[];
  readonly label: string;
}

let bundle = '';
let honest = '';
let operators: readonly OperatorDescription[] = [];

beforeAll(async () => {
  const job = writeJob(folder.path('job.json'), { steps: STEPS, checkpointEvery: EVERY });
  bundle = folder.path('bundle');
  expect((await runHereJson(['compile', job, '--out', bundle])).exitCode).toBe(0);
  operators = (await runHereJson(['inspect', bundle])).result.operators;
  honest = await trainHere();
});

async function trainHere(fault?: string): Promise<string> {
  const out = folder.path('run');
  const drill = fault === undefined ? [] : ['--inject-fault', fault];
  const { exitCode } = await runHereJson(['train', bundle, '--out', out, '--backend', 'reference', ...drill]);
  expect(exitCode).toBe(0);
  return out;
}

async function verifyHere(run: string, ...args: string[]) {
  const { exitCode, result, error } = await runHereJson(['verify', run, '--backend', 'reference', ...args]);
  return { exitCode, error, ...result };
}

/** The first operator of a kind, among those whose label begins so. */
function operatorOf(kind: string, label: string): OperatorDescription {
  const found = operators.find((operator) => operator.kind === kind && operator.label.startsWith(label));
  if (found === undefined) throw new Error(`the job has no ${kind} labelled ${label}`);
  return found;
}

const size = ({ domain }: OperatorDescription): number => domain.reduce((product, extent) => product * extent, 1);

/** Everything a cheat's divergence must say. */
async function expectPinned(
  fault: readonly [step: number, operator: number, element: number, bit: number],
): Promise<void> {
  const [step, operator, element, bit] = fault;
  const cheat = await trainHere(fault.join());
  const leaf = Math.floor(step / EVERY) + 1;
  expect(await verifyHere(cheat)).toMatchObject({
    exitCode: 20,
    verdict: 'diverged',
    divergence: { checkpoint: leaf, steps: { from: (leaf - 1) * EVERY, to: leaf * EVERY } },
  });
  const { kind, label } = operators[operator]!;
  for (const [run, against, wrongRun] of [
    [cheat, honest, 'run'],
    [honest, cheat, 'against'],
  ] as const) {
    const { exitCode, divergence } = await verifyHere(run, '--against', against);
    expect(exitCode).toBe(20);
    expect(divergence).toMatchObject({
      checkpoint: leaf,
      step,
      operator: { index: operator, kind, label },
      element,
      wrongRun,
    });
    expect((Number(divergence.expected.bits) ^ Number(divergence.claimed.bits)) >>> 0).toBe((1 << bit) >>> 0);
  }
}

describe('one flipped bit', () => {
  test.each([
    ['matmul', 'hidden/forward', 0, 23],
    ['matmul', 'logits/forward', 5, 31],
    ['matmul', 'hidden/backward', STEPS - 1, 30],
    ['map', 'loss/backward', 3, 22],
    ['sum', 'logits/backward', 2, 31],
    ['shuffle', 'x/batch', 4, 0],
    ['onehot', 'loss/forward', 6, 29],
    ['map', 'hidden/kernel/next', 0, 0],
    ['map', 'logits/bias/next', STEPS - 1, 0],
    ['identity', 'momentum/velocity/hidden/kernel/next', 5, 31],
  ] as const)('in a %s (%s) of training step %i, bit %i, is found and pinned', async (kind, label, step, bit) => {
    const operator = operatorOf(kind, label);
    await expectPinned([step, operator.index, size(operator) - 1, bit]);
  });

  test('anywhere is pinned where it reaches the state, and verified where it does not', async () => {
    const anywhere = fc
      .constantFrom(...operators)
      .chain((operator) =>
        fc.tuple(fc.nat(STEPS - 1), fc.constant(operator.index), fc.nat(size(operator) - 1), fc.nat(31)),
      );
    await fc.assert(
      fc.asyncProperty(anywhere, async (fault) => {
        const run = await trainHere(fault.join());
        const { exitCode } = await verifyHere(run);
        if (exitCode === 20) await expectPinned(fault);
        else
          expect({ exitCode, against: (await verifyHere(run, '--against', honest)).exitCode }).toEqual({
            exitCode: 0,
            against: 0,
          });
      }),
      { numRuns: 6 },
    );
  }, 120_000);

  test('in the loss reaches no state: the run is verified', async () => {
    const loss = operators.findLast(({ kind, label }) => kind === 'sum' && label.startsWith('loss'));
    const run = await trainHere(`3,${loss?.index},0,30`);
    expect(await verifyHere(run)).toMatchObject({ exitCode: 0, verdict: 'verified' });
  });

  test('is told to people by step, operator, element and both values', async () => {
    const { index, label } = operatorOf('map', 'hidden/kernel/next');
    const cheat = await trainHere(`3,${index},7,31`);
    const { stdout, exitCode } = await runHere(['verify', cheat, '--against', honest, '--backend', 'reference']);
    expect(exitCode).toBe(20);
    for (const words of [
      /training step +3\n/,
      `${index} (map, ${label})`,
      /element +7\n/,
      /expected +-?[\d.e-]+ \(0x/,
      /claimed +-?[\d.e-]+ \(0x/,
    ]) {
      expect(stdout).toMatch(words);
    }
    expect(stdout.trimEnd().endsWith('DIVERGED')).toBe(true);
  });
});

describe('two runs', () => {
  test('that are equal are verified like one', async () => {
    expect(await verifyHere(honest, '--against', await trainHere())).toMatchObject({
      exitCode: 0,
      verdict: 'verified',
      checked: { intervals: STEPS / EVERY },
    });
  });

  test('that are wrong at different places part at the first one, whichever is asked', async () => {
    const { index } = operatorOf('identity', 'momentum');
    const [early, late] = [await trainHere(`1,${index},0,3`), await trainHere(`6,${index},0,3`)];
    for (const [run, against, wrongRun] of [
      [early, late, 'run'],
      [late, early, 'against'],
    ] as const) {
      expect(await verifyHere(run, '--against', against)).toMatchObject({
        exitCode: 20,
        divergence: { checkpoint: 1, step: 1, operator: { index }, wrongRun },
      });
    }
  });

  test.each([
    ['nothing', null],
    ['another fault than it has', { step: 2, operator: 21, element: 1, bit: 9 }],
    ['a fault out of every range', { step: 3, operator: 4294967295, element: 4294967295, bit: 31 }],
  ])('of which the wrong one owns up to %s part at a checkpoint, and no operator is blamed', async (_, injectFault) => {
    const { index } = operatorOf('identity', 'momentum');
    const cheat = await trainHere(`3,${index},0,3`);
    const path = join(cheat, 'run.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), injectFault }));
    const { exitCode, divergence } = await verifyHere(cheat, '--against', honest);
    expect(exitCode).toBe(20);
    expect(divergence).toMatchObject({ checkpoint: 2, steps: { from: 2, to: 4 }, wrongRun: 'run' });
    expect(divergence.operator).toBeUndefined();
    // Alone, the replay finds the first word of the stored state that differs.
    expect((await verifyHere(cheat)).divergence).toMatchObject({
      checkpoint: 2,
      tensor: expect.any(String),
      element: expect.any(Number),
    });
  });

  test('of different jobs have nothing to compare', async () => {
    const other = writeJob(folder.path('job.json'), { steps: STEPS, checkpointEvery: EVERY, seed: 1 });
    const run = folder.path('run');
    await runHereJson(['train', other, '--out', run, '--backend', 'reference']);
    expect(await verifyHere(honest, '--against', run)).toMatchObject({ exitCode: 6, error: { code: 'run.other-job' } });
  });
});

describe('a fault that points at nothing', () => {
  test.each([
    [`${STEPS},0,0,0`, 'step', STEPS],
    ['0,25,0,0', 'operator', 25],
    ['0,0,16,0', 'element', 16],
  ])('%s is refused, and the part is named', async (fault, part, given) => {
    const out = folder.path('run');
    const { exitCode, error } = await runHereJson(['train', bundle, '--out', out, '--inject-fault', fault]);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'run.fault-out-of-range' });
    expect(error?.message).toContain(`${part} ${given}`);
  });

  test.each(['0,0,0,32', '0,0,0', 'a,0,0,0', '-1,0,0,0', '0,0,0,0,0'])('%s is no fault at all', async (fault) => {
    const { exitCode, error } = await runHereJson([
      'train',
      bundle,
      '--out',
      folder.path('run'),
      `--inject-fault=${fault}`,
    ]);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'command.usage' });
    expect(error?.message).toContain('step,operator,element,bit');
  });
});
