import { describe, expect, test } from '@jest/globals';
import { bytesToHex } from '../../src/commitments/hash.js';
import { applyMove } from '../../src/game/apply-move.js';
import { encodeContext, gameHash } from '../../src/game/context.js';
import { randomMoveLists } from './support/move-lists.js';

describe('random lists of moves', () => {
  test('meet every refusal of the game, and give the same game when they are played again', async () => {
    const refusals = new Map<string, number>();
    let allowed = 0;
    for (let seed = 0; seed < 20; seed++) {
      for (const { game: begun, entries } of await randomMoveLists(seed, 8)) {
        let game = begun;
        for (const { at, move, refused, after } of entries) {
          const result = applyMove(game, move, at);
          expect('refused' in result ? result.refused : null).toEqual(refused);
          if ('game' in result) game = result.game;
          expect(bytesToHex(game.h)).toBe(bytesToHex(after.h));
          if (refused === null) allowed++;
          else refusals.set(refused.code, (refusals.get(refused.code) ?? 0) + 1);
        }
        expect(game.status).not.toBe('live');
      }
    }
    expect(allowed).toBeGreaterThan(1000);
    const wanted = ['BadIndex', 'BadProof', 'Folds', 'Late', 'NotLive', 'Stale', 'TooEarly', 'WrongEntryCount'];
    const alsoWanted = [
      'WrongPhase',
      'WrongTurn',
      'WrongSender',
      'WrongSiblingCount',
      'WrongStateLength',
      'WrongState',
      'WrongCode',
      'WrongOperator',
    ];
    const rare = ['WrongValue', 'TooManySlots', 'NonZeroPadding', 'WrongTensor'];
    expect([...refusals.keys()]).toEqual(expect.arrayContaining([...wanted, ...alsoWanted, ...rare]));
  });

  test('are the same for the same seed', async () => {
    const [one, two] = [await randomMoveLists(3), await randomMoveLists(3)];
    const hashes = (lists: typeof one) => lists.map(({ entries }) => entries.map(({ after }) => bytesToHex(after.h)));
    expect(hashes(one)).toEqual(hashes(two));
  });

  test('keep h the hash of context and list', async () => {
    for (const { entries } of await randomMoveLists(5)) {
      for (const { after } of entries) {
        if (after.status !== 'live') continue;
        expect(encodeContext(after.context)).toHaveLength(160);
        expect(gameHash(after.context, after.list)).toEqual(after.h);
      }
    }
  });
});
