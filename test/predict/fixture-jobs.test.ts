/** The jobs on real text and images: a few steps of each are trained, verified, and a fault in them is pinned. */
import { describe, expect, test } from '@jest/globals';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { fixtureJob } from './support.js';

const folder = temporaryFolder();
const STEPS = 4;
/** Of an attention of 64 places: what place 3 makes of place 1. */
const ELEMENT = 3 * 64 + 1;

async function ok(...args: string[]) {
  const found = await runHereJson([...args, '--threads', '2']);
  expect(found.error).toBeNull();
  return found;
}

/** The last operator of a kind in one pass of a layer: the division of a softmax, the gradient of a filter. */
async function lastOperator(run: string, label: string, kind: string): Promise<number> {
  const { result } = await runHereJson(['inspect', run]);
  const operators: readonly { index: number; label: string; kind: string }[] = result.job.operators;
  const found = operators.findLast((operator) => operator.label === label && operator.kind === kind);
  expect(found).toBeDefined();
  return found!.index;
}

describe.each([
  { name: 'char-transformer', label: 'block1_attention/forward', kind: 'map', classes: 70 },
  { name: 'char-lstm', label: 'lstm/forward', kind: 'map', classes: 70 },
  { name: 'fashion-cnn', label: 'conv2/backward', kind: 'convolution', classes: 10 },
])('$name', ({ name, label, kind, classes }) => {
  test('trains, verifies, and a fault in it is found down to the instruction', async () => {
    const [bundle, honest, cheat] = ['bundle', 'honest', 'cheat'].map((part) => folder.path(part));
    expect((await runHere(['compile', fixtureJob(name), '--out', bundle!])).exitCode).toBe(0);
    const options = ['--steps', String(STEPS), '--checkpoint-every', '2'];
    const { result } = await ok('train', bundle!, '--out', honest!, ...options);
    expect(result.evaluation.loss).toBeLessThan(Math.log(classes) + 0.2);
    expect((await ok('verify', honest!)).exitCode).toBe(0);

    const operator = await lastOperator(honest!, label, kind);
    await ok('train', bundle!, '--out', cheat!, ...options, '--inject-fault', `2,${operator},${ELEMENT},22`);
    const found = await ok('verify', cheat!, '--against', honest!);
    expect(found.exitCode).toBe(20);
    expect(found.result).toMatchObject({
      verdict: 'diverged',
      divergence: { step: 2, operator: { index: operator }, element: ELEMENT },
    });
  });
});

test('char-lstm soon knows more than how frequent each character is', async () => {
  const { result } = await ok('train', fixtureJob('char-lstm'), '--out', folder.path('learnt'), '--steps', '256');
  // The entropy of single characters; fixtures/data/README.md.
  expect(result.evaluation.loss).toBeLessThan(3.1275 - 0.3);
});
