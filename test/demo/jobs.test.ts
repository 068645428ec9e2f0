/** The jobs of the repository, each disputed on a chain down to one instruction of what is special in it. */
import { describe, expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { compileJobFile } from '../../src/job/compile.js';
import { gensyn } from '../e2e/support/gensyn.js';
import { fixturePath } from '../job/fixture-path.js';
import type { DemoDocument } from './support/reading.js';

const STEPS = 4;

/** Where the fault is: the first operator of this kind and label that comes after the one named. */
interface Place {
  readonly kind: string;
  readonly label: string;
  /** The kind of the operator just before it, which tells it from others of its layer. */
  readonly after: string;
  readonly element: number;
}

const JOBS: readonly (readonly [what: string, job: string, place: Place])[] = [
  [
    'a filter gradient',
    'fashion-cnn',
    { kind: 'convolution', label: 'conv2/backward', after: 'convolution', element: 7 },
  ],
  // The last query of a row, which sees the keys before it.
  [
    'an attention softmax',
    'char-transformer',
    { kind: 'map', label: 'block1_attention/forward', after: 'max', element: 4037 },
  ],
  ['a gate', 'char-lstm', { kind: 'map', label: 'lstm/forward', after: 'matmul', element: 7 }],
];

describe('gensyn demo --job', () => {
  test.each(JOBS)('convicts a cheat at %s (%s)', async (_, job, place) => {
    const path = fixturePath(`jobs/${job}.json`);
    const operator = await placeOf(path, place);
    const { kind, label, element } = place;
    const { exitCode, stdout } = await gensyn([
      ...['demo', '--json', '--job', path, '--steps', String(STEPS)],
      ...['--fault', `2,${operator},${element},20`],
    ]);
    expect(exitCode).toBe(0);
    const { result } = JSON.parse(stdout) as { result: DemoDocument };
    const at = { step: 2, operator: { index: operator, kind, label }, element };
    expect(result.fault).toMatchObject(at);
    expect(result.dispute).toMatchObject({ verdict: 'claim-fell', ending: 'proved', loser: 'cheat' });
    expect(result.dispute.moves.at(-1)).toMatchObject({ move: 'prove', ...at });
    expect(result.contractBalance).toBe('0');
  });
});

async function placeOf(path: string, { kind, label, after }: Place): Promise<number> {
  const { operators } = (await compileJobFile(path, {}, await loadBackend('wasm'))).bundle.program;
  const index = operators.findIndex(
    ({ operator, label: of }, at) =>
      operator.kind === kind && of === label && operators[at - 1]?.operator.kind === after,
  );
  expect(index).toBeGreaterThan(0);
  return index;
}
