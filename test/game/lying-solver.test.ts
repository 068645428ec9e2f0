import { describe, expect, test } from '@jest/globals';
import { outputWords } from '../../src/expr/operator.js';
import { PHASES } from '../../src/game/context.js';
import type { Execution } from '../../src/game/execution.js';
import { intervalCount } from '../../src/game/open-game.js';
import {
  alteringLists,
  paddingLists,
  wrongMachine,
  wrongOutput,
  wrongRoots,
  wrongTemporaryHash,
  wrongTensorHash,
} from './support/liars.js';
import { type Claimed, challenge, claimOf, type Player, player, playOut, silent } from './support/play.js';
import { seeded } from './support/random.js';
import { SHAPES, toy } from './support/toys.js';

const MOST_MOVES = 16;

/** The intervals that a sampling verifier finds wrong: those whose left leaf is right and whose right one is not. */
async function wrongIntervals({ rules, leaves }: Claimed, honest: Execution): Promise<number[]> {
  const right = await claimOf(honest);
  const differs = (leaf: number) => Buffer.compare(leaves[leaf]!, right.leaves[leaf]!) !== 0;
  return Array.from({ length: intervalCount(rules) }, (_, at) => at).filter((at) => !differs(at) && differs(at + 1));
}

/** The claim of a liar falls to a full verifier and to one who sampled the interval. Gives the phases that were met. */
async function expectCaught(liar: Execution, honest: Execution, wrap: (liar: Player) => Player = (of) => of) {
  const claimed = await claimOf(liar);
  const [interval] = await wrongIntervals(claimed, honest);
  const endings: string[] = [];
  for (const begun of [await challenge(claimed, honest), await challenge(claimed, honest, interval)]) {
    const played = await playOut(begun, {
      solver: wrap(player('solver', liar)),
      challenger: player('challenger', honest),
    });
    expect(played.game.status).toBe('claim-fell');
    expect(played.moves.challenger).toBeLessThanOrEqual(MOST_MOVES);
    endings.push(`${played.game.context.phase} ${played.game.ending}`);
  }
  return endings;
}

describe.each(SHAPES)('the claim of a liar over %j falls', (shape) => {
  const { bundle, honest } = toy(shape);
  const { operators } = bundle.program;
  const random = seeded(shape.steps + 100);

  test('where one bit of one output is wrong: every operator, first, last and random elements', async () => {
    let caught = 0;
    for (const [operator, { operator: definition }] of operators.entries()) {
      const words = outputWords(definition);
      for (const element of new Set([0, words - 1, random.below(words)])) {
        const at = { step: random.below(bundle.steps), operator, element, bit: random.below(32) };
        const liar = wrongOutput(bundle, at);
        if ((await wrongIntervals(await claimOf(liar), honest)).length === 0) continue;
        expect(await expectCaught(liar, honest)).toContain(`${PHASES.prove} proved`);
        const lists = await expectCaught(liar, honest, (solver) => alteringLists(solver, random));
        expect(lists).toHaveLength(2);
        await expectCaught(wrongMachine(liar, 1 + random.below(20)), honest);
        caught++;
      }
    }
    expect(caught).toBeGreaterThanOrEqual(12);
  });

  test('where state roots are wrong from some state on, or only one is', async () => {
    const { steps, checkpointEvery } = bundle;
    const states = new Set([1, 2, 3, 32, 33, 63, 64, 65, steps - 1, steps, Math.ceil(steps / 2)]);
    for (const from of [...states].filter((state) => state >= 1 && state <= steps)) {
      await expectCaught(
        wrongRoots(honest, (state) => state >= from),
        honest,
      );
      const isLeaf = from % checkpointEvery === 0 || from === steps;
      if (isLeaf)
        await expectCaught(
          wrongRoots(honest, (state) => state === from),
          honest,
        );
    }
  });

  test('where the hash of a tensor is wrong and no word of it is', async () => {
    for (const tensor of bundle.program.state.keys()) {
      const endings = await expectCaught(wrongTensorHash(honest, bundle.steps, tensor), honest);
      expect(endings).toEqual([`${PHASES.tensor} refuted`, `${PHASES.tensor} refuted`]);
    }
    for (const temporary of [0, 2, operators.length - bundle.program.state.length - 1]) {
      await expectCaught(wrongTemporaryHash(honest, bundle.steps, temporary), honest);
    }
  });

  test('whatever lists he shows: garbage, and padding that is not zero', async () => {
    const liar = wrongRoots(honest, (state) => state >= bundle.steps);
    for (let game = 0; game < 40; game++) {
      await expectCaught(liar, honest, (solver) => alteringLists(solver, random, 1));
    }
    const refused: string[] = [];
    await expectCaught(wrongTensorHash(honest, bundle.steps, 1), honest, (solver) => paddingLists(solver, refused));
    expect(refused).toContain('NonZeroPadding');
  });

  test('if he tells two challengers different things', async () => {
    const at = { step: bundle.steps - 1, operator: operators.length - 3, element: 5, bit: 9 };
    const faces = [wrongOutput(bundle, at), wrongRoots(honest, (state) => state >= bundle.steps)];
    const claimed = await claimOf(faces[0]!);
    for (const face of faces) {
      const begun = await challenge(claimed, honest);
      const played = await playOut(begun, { solver: player('solver', face), challenger: player('challenger', honest) });
      expect(played.game.status).toBe('claim-fell');
    }
  });

  test('if he says nothing at all', async () => {
    const liar = wrongRoots(honest, (state) => state === bundle.steps);
    const begun = await challenge(await claimOf(liar), honest);
    const played = await playOut(begun, { solver: silent, challenger: player('challenger', honest) });
    expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'timeout' });
  });
});
