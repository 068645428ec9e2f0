/** The challenger's own proof where the solver's tree of temporaries is another one (protocol H5). */
import { describe, expect, test } from '@jest/globals';
import { equalHashes, type Hash } from '../../src/commitments/hash.js';
import { merkleNode, merkleRoot, openingOf } from '../../src/commitments/merkle.js';
import { blockRange, blocksOf, climb } from '../../src/commitments/tree.js';
import { type Context, PHASES, runContext } from '../../src/game/context.js';
import { ownList } from '../../src/game/own-list.js';
import { nodesOfList, type RevealedNode, siblingsInSolversTree } from '../../src/game/revealed-nodes.js';
import { toyExecution } from '../../src/game/toy-execution.js';
import { temporaryCount } from '../../src/program/program.js';
import { sampleLeaves } from '../commitments/samples.js';
import { wrongMachine } from './support/liars.js';
import { challenge, claimOf, type Player, player, playOut } from './support/play.js';
import { seeded } from './support/random.js';
import { toy } from './support/toys.js';

/** The nodes that a game reveals on its way to temporary k of the solver's tree. */
async function revealedOnTheWay(theirs: readonly Hash[], k: number): Promise<RevealedNode[]> {
  const M = theirs.length;
  const nodes: RevealedNode[] = [];
  let context: Context = { ...runContext({ a: 0, n: M, lo: theirs[0]!, hi: theirs[0]! }), phase: PHASES.step, M };
  const execution = { temporaryHashes: async () => theirs } as unknown as Parameters<typeof ownList>[1];
  do {
    nodes.push(...nodesOfList(context, await ownList(context, execution)));
    const { first, count } = blockRange(context.n, Math.floor((k - context.a) / blocksOf(context.n).size));
    context = { ...context, phase: PHASES.ops, a: context.a + first, n: count };
  } while (context.n > 1);
  return nodes;
}

describe('siblings in the solver’s tree', () => {
  test.each([1, 2, 3, 5, 31, 32, 33, 64, 100, 1025, 2500])('open every agreed leaf, %i temporaries', async (M) => {
    const random = seeded(M);
    const own = sampleLeaves(M, 1);
    for (let round = 0; round < 8; round++) {
      const k = random.below(M);
      const theirs = own.map((hash, at) => (at < k || random.chance(0.3) ? hash : hash.map((byte) => byte ^ 255)));
      const revealed = await revealedOnTheWay(theirs, k);
      for (const index of [0, k - 1, random.below(k + 1) - 1].filter((at) => at >= 0 && at < k)) {
        const siblings = siblingsInSolversTree({ index, own, agreed: k, revealed });
        expect(siblings).not.toBeNull();
        const root = climb(M, index, own[index]!, siblings!, merkleNode)!;
        expect(equalHashes(root, merkleRoot(theirs))).toBe(true);
      }
    }
  });

  test('are not made up where nothing was revealed', () => {
    const own = sampleLeaves(40, 1);
    expect(siblingsInSolversTree({ index: 3, own, agreed: 20, revealed: [] })).toBeNull();
  });
});

describe('a solver who altered several operators and then falls silent', () => {
  const { bundle, honest } = toy({ steps: 2, checkpointEvery: 2, width: 300, extra: 70 });
  const M = temporaryCount(bundle.program);

  test.each([
    ['a matrix product', 1],
    ['a map over a temporary', 2],
    ['a fold over a temporary', 3],
  ])('is convicted by the challenger’s own proof: %s', async (_, operator) => {
    const liar = toyExecution(bundle, (step, k, output) => {
      const isAltered = step === 1 && (k === operator || k === M - 1 || k === M - 20);
      if (isAltered) output[output.length - 1]! ^= 1 << 20;
    });
    const game = await challenge(await claimOf(liar), honest);
    const players = { solver: player('solver', liar), challenger: player('challenger', honest) };
    const played = await playOut(game, players);
    expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    expect(played.game.context).toMatchObject({ step: 1, k: operator });
    // Nobody waited for a clock to run out.
    expect(played.game.last).toBeLessThan(100);
  });

  test('a proof of a load opens the operand in the solver’s tree, not in the challenger’s', async () => {
    const altered = toyExecution(bundle, (step, k, output) => {
      if (step === 1 && (k === 3 || k === M - 1)) output[0] = output[0]! ^ 1;
    });
    const opened: Hash[][] = [];
    for (let from = 1; from <= 12; from++) {
      const liar = wrongMachine(altered, from);
      const inner = player('challenger', honest);
      const challenger: Player = async (game, now) => {
        const decision = await inner(game, now);
        if (decision.do === 'move' && decision.move.kind === 'prove')
          opened.push([...decision.move.operand.tensorSiblings]);
        return decision;
      };
      const played = await playOut(await challenge(await claimOf(liar), honest), {
        solver: player('solver', liar),
        challenger,
      });
      expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    }
    const own = openingOf(await honest.temporaryHashes(1), 2).siblings;
    const loads = opened.filter((siblings) => siblings.length > 0);
    expect(loads.length).toBeGreaterThan(0);
    for (const siblings of loads) {
      expect(siblings).toHaveLength(own.length);
      expect(siblings.every((hash, at) => equalHashes(hash, own[at]!))).toBe(false);
    }
  });
});
