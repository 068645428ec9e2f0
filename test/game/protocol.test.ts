/** The findings of the protocol's review that concern the game, each as a test under its name. */
import { describe, expect, test } from '@jest/globals';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { openingOf } from '../../src/commitments/merkle.js';
import { applyMove } from '../../src/game/apply-move.js';
import { applyMoveOf, type ClaimGames, openGameOf } from '../../src/game/claim-games.js';
import { PHASES } from '../../src/game/context.js';
import type { Game, Move } from '../../src/game/game.js';
import { decideOpening } from '../../src/game/opening.js';
import { runExecution } from '../../src/game/run-execution.js';
import { proofOf } from '../../src/game/solver.js';
import { toyExecution } from '../../src/game/toy-execution.js';
import { temporaryCount } from '../../src/program/program.js';
import { wrongMachine, wrongOutput, wrongRoots } from './support/liars.js';
import { accepted, BOND, CLOCK, challenge, claimOf, opened, player, playOut, refusalOf } from './support/play.js';
import { toy } from './support/toys.js';

const { bundle, honest } = toy({ steps: 70, checkpointEvery: 64, width: 40 });
const M = temporaryCount(bundle.program);
const LOSS = 3;
const liar = wrongOutput(bundle, { step: 40, operator: LOSS, element: 0, bit: 20 });

async function moveOf(side: 'solver' | 'challenger', execution: typeof honest, game: Game): Promise<Move> {
  const decision = await player(side, execution)(game, game.last + 1);
  if (decision.do !== 'move') throw new Error(JSON.stringify(decision));
  return decision.move;
}

/** Plays until the phase is reached, with the challenger's choices from his own execution. */
async function playTo(phase: number, solver: typeof honest, challenger: typeof honest): Promise<Game> {
  let game = await challenge(await claimOf(solver), challenger);
  while (game.context.phase !== phase) {
    const isSolver = game.turn === 'solver';
    const move = await moveOf(game.turn, isSolver ? solver : challenger, game);
    game = accepted(game, move, game.last + 1);
  }
  return game;
}

describe('C1: after a reorganisation of the chain', () => {
  test('an answer to one segment is no answer to another, though both are of the same shape', async () => {
    const claimed = await claimOf(liar);
    const begun = await challenge(claimed, honest);
    const revealed = accepted(begun, await moveOf('solver', liar, begun), 1);
    const { context, list } = revealed;
    const select = (index: number): Move => ({ kind: 'select', from: 'challenger', context, list, index });
    const third = accepted(revealed, select(3), 2);
    const answer = await moveOf('solver', liar, third);
    const sixth = accepted(revealed, select(6), 2);
    expect(refusalOf(third, answer, 3)).toBe('accepted');
    expect(applyMove(sixth, answer, 3)).toMatchObject({ refused: { code: 'Stale' } });
  });

  test('a choice from one list is no choice from another', async () => {
    const begun = await challenge(await claimOf(liar), honest);
    const [mine, other] = [
      accepted(begun, await moveOf('solver', liar, begun), 1),
      await moveOf('solver', honest, begun),
    ];
    const select = await moveOf('challenger', honest, mine);
    expect(refusalOf(accepted(begun, other, 1), select, 2)).toBe('Stale');
  });

  test('an opening against another claim that got the same number is refused', async () => {
    const claimed = await claimOf(liar);
    const { rules, claim, leaves } = claimed;
    const decision = await decideOpening({ rules, claim, leaves, from: 0, replays: [honest, honest] });
    if (decision.do !== 'open') throw new Error(decision.why);
    const other = await claimOf(wrongRoots(honest, (state) => state > 0));
    expect(() => opened(other, decision.opening)).toThrow('BadProof');
  });
});

describe('C2: a lie that nobody can point at', () => {
  test('in a Merkle padding does not exist: a tree has no leaf that no tensor has', async () => {
    const game = await playTo(PHASES.ops, liar, honest);
    const reveal = await moveOf('solver', liar, game);
    if (reveal.kind !== 'reveal') throw new Error('not a reveal');
    const longer = { ...reveal, list: [...reveal.list, reveal.list[0]!] };
    expect(refusalOf(game, longer, game.last + 1)).toBe('WrongEntryCount');
  });

  test('in BLAKE3’s padding is refused: a chunk is zero behind its end', async () => {
    const { bundle: small, honest: right } = toy({ steps: 1, checkpointEvery: 1 });
    const cheat = wrongOutput(small, { step: 0, operator: LOSS, element: 0, bit: 20 });
    const game = await playTo(PHASES.ops, cheat, right);
    const reveal = await moveOf('solver', cheat, game);
    if (reveal.kind !== 'reveal') throw new Error('not a reveal');
    expect(reveal.aid.enters).toBe('operator');
    const padded = { ...reveal, list: [reveal.list[0]!.with(31, 1)] };
    expect(refusalOf(game, padded, game.last + 1)).toBe('NonZeroPadding');
    expect(refusalOf(game, reveal, game.last + 1)).toBe('accepted');
  });
});

describe('H1: a sampling verifier', () => {
  test('holds one checkpoint of the solver and catches a second lie behind the first', async () => {
    const { bundle: small } = toy({ steps: 6, checkpointEvery: 2 });
    const flips = [0, 5];
    const cheat = toyExecution(small, (step, operator, output) => {
      if (flips.includes(step) && operator === LOSS) output[0]! ^= 1 << 22;
    });
    const claimed = await claimOf(cheat);
    const checkpoint = small.program.state.map((_, t) => cheat.tensorWords({ step: 3, operator: M + t }));
    const starts = [{ step: 4, load: () => Promise.all(checkpoint) }];
    const sampling = await runExecution({ bundle: small, starts, fault: null, backend: referenceBackend, threads: 1 });
    await expect(sampling.stateRootsAt([3])).rejects.toMatchObject({ code: 'game.no-state' });
    const begun = await challenge(claimed, sampling, 2);
    expect(begun.context).toMatchObject({ a: 4, n: 2 });
    const played = await playOut(begun, {
      solver: player('solver', cheat),
      challenger: player('challenger', sampling),
    });
    expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    expect(played.game.context).toMatchObject({ step: 5, k: LOSS });
    await sampling.dispose();
  });

  test('opens between any two leaves; the ends are the job’s and the claim’s by definition', async () => {
    const { rules, claim, leaves } = await claimOf(liar);
    const at = (leaf: number) => ({ leaf: leaves[leaf]!, path: openingOf(leaves, leaf).siblings });
    const opening = { i: 0, leafI: leaves[0]!, pathI: [], j: 1, leafJ: leaves[1]!, pathJ: at(1).path };
    expect(opened({ rules, claim }, opening).context).toMatchObject({ phase: PHASES.run, a: 0, n: 64 });
    const last = { i: 1, leafI: leaves[1]!, pathI: at(1).path, j: 2, leafJ: claim.finalRoot, pathJ: [] };
    expect(opened({ rules, claim }, last).context).toMatchObject({ a: 64, n: 6 });
    expect(() => opened({ rules, claim }, { ...opening, leafI: leaves[1]! })).toThrow('BadProof');
    expect(() => opened({ rules, claim }, { ...last, leafJ: leaves[1]! })).toThrow('BadProof');
    expect(() => opened({ rules, claim }, { ...last, pathI: [] })).toThrow('WrongSiblingCount');
  });

  test('stakes nothing where the published trace is another than the claimed one, or the data is bait', async () => {
    const { rules, claim, leaves } = await claimOf(liar);
    const replays = [honest, honest] as const;
    const forged = leaves.with(1, leaves[0]!);
    expect(await decideOpening({ rules, claim, leaves: forged, from: 1, replays })).toMatchObject({ do: 'nothing' });
    expect(await decideOpening({ rules, claim, leaves: null, from: 1, replays })).toMatchObject({ do: 'nothing' });
    // His data for leaf 1 is not what the trace says there.
    expect(await decideOpening({ rules, claim, leaves, from: 1, replays })).toMatchObject({ do: 'nothing' });
    expect(await decideOpening({ rules, claim, leaves, from: 0, replays: [honest, liar] })).toMatchObject({
      why: expect.stringContaining('two replays'),
    });
    const full = await decideOpening({ rules, claim, leaves: null, from: 0, replays });
    expect(full).toMatchObject({ do: 'open', opening: { i: 0, j: 2 } });
  });
});

describe('H5: at the foot', () => {
  test('a challenger proves wherever the lie stands, with the siblings of the solver’s tree where his own differs', async () => {
    for (let from = 1; from <= 12; from++) {
      const cheat = wrongMachine(liar, from);
      const game = await playTo(PHASES.prove, cheat, honest);
      expect(game.context.a).toBe(from - 1);
      expect(refusalOf(game, await proofOf(game, honest, 'challenger'), game.last + 1)).toBe('accepted');
      const players = { solver: player('solver', cheat), challenger: player('challenger', honest) };
      expect((await playOut(game, players)).game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    }
  });

  test('anybody may prove, with either verdict', async () => {
    const convicted = await playTo(PHASES.prove, liar, honest);
    const against = { ...(await proofOf(convicted, liar, 'other')) };
    expect(accepted(convicted, against, convicted.last + 1)).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    // A challenger who lies: the honest solver's proof may come from anybody too.
    const acquitted = await playTo(PHASES.prove, honest, liar);
    const inFavour = await proofOf(acquitted, honest, 'other');
    expect(accepted(acquitted, inFavour, acquitted.last + 1)).toMatchObject({ status: 'challenger-lost' });
  });
});

describe('H7: after the fall', () => {
  test('all other games of the claim freeze: no move, no timeout', async () => {
    const { rules, claim, leaves } = await claimOf(liar);
    const decision = await decideOpening({ rules, claim, leaves, from: 0, replays: [honest, honest] });
    if (decision.do !== 'open') throw new Error(decision.why);
    let games: ClaimGames = { claim, games: [] };
    for (let challenger = 0; challenger < 3; challenger++) {
      const result = openGameOf(games, rules, { ...decision.opening, bond: BOND }, 0);
      if ('refused' in result) throw new Error(result.refused.code);
      games = result.after;
    }
    const answer = await moveOf('solver', liar, games.games[1]!);
    const timeout: Move = { kind: 'timeout', from: 'other' };
    const fallen = applyMoveOf(games, 0, timeout, CLOCK + 1);
    if ('refused' in fallen) throw new Error(fallen.refused.code);
    expect(fallen.after.claim.status).toBe('fallen');
    expect(fallen.after.games.map(({ status }) => status)).toEqual(['claim-fell', 'frozen', 'frozen']);
    for (const move of [answer, timeout]) {
      expect(applyMoveOf(fallen.after, 1, move, CLOCK + 1)).toMatchObject({ refused: { code: 'NotLive' } });
    }
    const late = openGameOf(fallen.after, rules, { ...decision.opening, bond: BOND }, 0);
    expect(late).toMatchObject({ refused: { code: 'NotLive' } });
  });

  test('a challenger who lost changes nothing for the others', async () => {
    const claimed = await claimOf(liar);
    const begun = await challenge(claimed, honest);
    const revealed = accepted(begun, await moveOf('solver', liar, begun), 1);
    const games: ClaimGames = { claim: claimed.claim, games: [revealed, begun] };
    const result = applyMoveOf(games, 0, { kind: 'timeout', from: 'solver' }, CLOCK + 2);
    if ('refused' in result) throw new Error(result.refused.code);
    expect(result.after.claim.status).toBe('live');
    expect(result.after.games.map(({ status }) => status)).toEqual(['challenger-lost', 'live']);
  });
});
