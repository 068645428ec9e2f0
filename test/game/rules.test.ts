import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeAbiParameters, encodePacked, keccak256, toHex } from 'viem';
import { bytesToHex } from '../../src/commitments/hash.js';
import { applyMove } from '../../src/game/apply-move.js';
import { CONTEXT_FIELDS, type Context, encodeContext, gameHash, HASH_FIELDS } from '../../src/game/context.js';
import type { Game, Move } from '../../src/game/game.js';
import { openGame } from '../../src/game/open-game.js';
import { strategy } from '../../src/game/strategy.js';
import { wrongRoots } from './support/liars.js';
import { accepted, BOND, CLOCK, challenge, claimOf, player, playOut, refusalOf, silent } from './support/play.js';
import { toy } from './support/toys.js';

const { honest } = toy({ steps: 6, checkpointEvery: 2 });
const liar = wrongRoots(honest, (state) => state === 6);

async function begin(): Promise<Game> {
  return challenge(await claimOf(liar), honest);
}

async function solverMove(game: Game): Promise<Move> {
  const decision = await strategy({ side: 'solver', game, execution: liar, now: game.last });
  if (decision.do !== 'move') throw new Error('no move');
  return decision.move;
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const context = fc
  .record(
    Object.fromEntries(CONTEXT_FIELDS.map((field) => [field, HASH_FIELDS.has(field) ? hash : fc.nat(2 ** 24 - 1)])),
  )
  .map((fields) => fields as unknown as Context);

const bytes32 = (count: number) => Array.from({ length: count }, () => ({ type: 'bytes32' }));
const SOURCES = [...bytes32(4), ...Array.from({ length: 3 }, () => ({ type: 'uint24' }))];

function sourcesOf({ pre, temp, consts, M, T, C }: Context) {
  const tag = keccak256(toHex('gensyn.sources/1'));
  return [tag, bytesToHex(pre), bytesToHex(temp), bytesToHex(consts), M, T, C];
}

describe('the hash of a game', () => {
  test('is that of its five words and the list’s entries', () => {
    fc.assert(
      fc.property(context, fc.array(hash, { maxLength: 32 }), (fields, list) => {
        const { phase, a, n, step, k, elem, value, lo, hi, opLeaf } = fields;
        const numbers = Array.from({ length: 7 }, () => 'uint32' as const);
        const place = BigInt(encodePacked(numbers, [phase, a, n, step, k, elem, value]));
        const sources = keccak256(encodeAbiParameters(SOURCES, sourcesOf(fields)));
        const words = [place, bytesToHex(lo), bytesToHex(hi), sources, bytesToHex(opLeaf)];
        const encoded = encodeAbiParameters([{ type: 'uint256' }, ...bytes32(4)], words);
        expect(bytesToHex(encodeContext(fields))).toBe(encoded);
        const whole = `${encoded}${list.map((entry) => bytesToHex(entry).slice(2)).join('')}` as const;
        expect(bytesToHex(gameHash(fields, list))).toBe(keccak256(whole));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a move', () => {
  test('is allowed to the last second of the clock and late after it', async () => {
    const game = await begin();
    const move = await solverMove(game);
    expect(refusalOf(game, move, game.last + CLOCK)).toBe('accepted');
    expect(applyMove(game, move, game.last + CLOCK + 1)).toEqual({
      refused: { code: 'Late', have: CLOCK + 1, want: CLOCK },
    });
  });

  test('takes its time from its own side’s clock only, and clocks never grow', async () => {
    const game = await begin();
    const next = accepted(game, await solverMove(game), game.last + 7);
    expect(next.left).toEqual({ solver: CLOCK - 7, challenger: CLOCK });
    const early = accepted(game, await solverMove(game), game.last - 50);
    expect(early).toMatchObject({ left: { solver: CLOCK, challenger: CLOCK }, last: game.last });
  });

  test('out of turn, by another sender or in another phase is refused', async () => {
    const game = await begin();
    const move = await solverMove(game);
    const revealed = accepted(game, move, 1);
    const { context: bound, list } = revealed;
    expect(refusalOf(revealed, move, 2)).toBe('WrongTurn');
    expect(refusalOf(game, { ...move, from: 'other' } as Move, 2)).toBe('WrongSender');
    expect(refusalOf(revealed, { kind: 'refute', from: 'other', context: bound, list }, 2)).toBe('WrongPhase');
    expect(refusalOf(revealed, { kind: 'select', from: 'challenger', context: bound, list, index: 99 }, 2)).toBe(
      'BadIndex',
    );
    expect(refusalOf(revealed, { kind: 'select', from: 'solver', context: bound, list, index: 0 }, 2)).toBe(
      'WrongSender',
    );
  });

  test('of any shape is refused without an exception', async () => {
    const game = await begin();
    const good = await solverMove(game);
    const anything = fc.anything({ withBigInt: true, withTypedArray: true, maxDepth: 2 });
    const altered = fc
      .tuple(fc.constantFrom(...Object.keys(good), 'kind'), anything)
      .map(([field, value]) => ({ ...good, [field]: value }));
    fc.assert(
      fc.property(fc.oneof(anything, altered), (move) => {
        const result = applyMove(game, move as Move, 1);
        if ('game' in result) expect(move).toEqual(good);
      }),
      { numRuns: 2000 },
    );
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, 1.5]) expect(refusalOf(game, good, now)).toBe('Malformed');
  });
});

describe('an opening', () => {
  test('is refused outside the window, below the bond, against a claim that is no more, and for leaves that are not', async () => {
    const { rules, claim } = await claimOf(liar);
    const [leafI, leafJ] = [rules.genesisRoot, claim.finalRoot];
    const opening = { i: 0, leafI, pathI: [], j: 3, leafJ, pathJ: [], bond: BOND };
    const refusal = (change: object, of: object = {}, now = 0) => {
      const result = openGame(rules, { ...claim, ...of }, { ...opening, ...change }, now);
      return 'refused' in result ? result.refused.code : 'accepted';
    };
    expect(refusal({})).toBe('accepted');
    expect(refusal({}, {}, claim.until)).toBe('accepted');
    expect(refusal({}, {}, claim.until + 1)).toBe('Window');
    expect(refusal({ bond: BOND - 1n })).toBe('Bond');
    expect(refusal({}, { status: 'fallen' })).toBe('NotLive');
    expect(refusal({ j: 4 })).toBe('BadIndex');
    expect(refusal({ i: 3 })).toBe('BadIndex');
    expect(refusal({ leafI: leafJ })).toBe('BadProof');
    expect(refusal({ leafJ: leafI })).toBe('BadProof');
    expect(refusal({ leafJ: 'x' })).toBe('Malformed');
    expect(refusal({ i: -1 })).toBe('Malformed');
    const anything = fc.anything({ withBigInt: true, withTypedArray: true, maxDepth: 2 });
    const altered = fc
      .tuple(fc.constantFrom(...Object.keys(opening)), anything)
      .map(([field, value]) => ({ ...opening, [field]: value }));
    fc.assert(
      fc.property(fc.oneof(anything, altered), (hostile) => {
        openGame(rules, claim, hostile as typeof opening, 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('when nobody moves', () => {
  test('the side on move loses', async () => {
    const game = await begin();
    const asleep = { solver: silent, challenger: silent };
    expect((await playOut(game, asleep)).game).toMatchObject({ status: 'claim-fell', ending: 'timeout' });
    const revealed = accepted(game, await solverMove(game), 1);
    expect((await playOut(revealed, asleep)).game).toMatchObject({ status: 'challenger-lost', ending: 'timeout' });
  });

  test('a player waits, then calls the timeout, and never moves when he is out of time himself', async () => {
    const game = await begin();
    const waiting = await player('challenger', honest)(game, 5);
    expect(waiting).toEqual({ do: 'wait', until: game.last + CLOCK + 1 });
    const after = game.last + CLOCK + 1;
    expect(await player('challenger', honest)(game, after)).toMatchObject({ do: 'move', move: { kind: 'timeout' } });
    expect(await player('solver', liar)(game, after)).toMatchObject({ do: 'nothing' });
  });

  test('a player who is asked twice says the same, and nothing once the game is over', async () => {
    const game = await begin();
    expect(await player('solver', liar)(game, 1)).toEqual(await player('solver', liar)(game, 1));
    const over = accepted(game, { kind: 'timeout', from: 'other' }, CLOCK + 1);
    expect(await player('solver', liar)(over, CLOCK + 2)).toMatchObject({ do: 'nothing' });
    expect(refusalOf(over, await solverMove(game), CLOCK + 2)).toBe('NotLive');
  });
});
