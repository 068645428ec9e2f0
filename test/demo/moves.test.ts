/** What the demo counts and the order in which it tells, without a chain. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Book, Role } from '../../commands/actions/demo/cast.js';
import { createCounter } from '../../commands/actions/demo/instructions-left.js';
import { type DemoMove, MoveLog } from '../../commands/actions/demo/move-log.js';
import { loadBackend } from '../../src/backends/registry.js';
import type { ChainGame, GameEvent } from '../../src/chain/games.js';
import { CHUNK_WORDS } from '../../src/commitments/tensor-tree.js';
import { outputWords } from '../../src/expr/operator.js';
import { type Context, PHASES, runContext } from '../../src/game/context.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { operatorRecord } from '../../src/program/hash.js';
import { temporaryCount } from '../../src/program/program.js';
import { fixturePath } from '../job/fixture-path.js';

let bundle: Bundle;
beforeAll(async () => {
  bundle = (await compileJobFile(fixturePath('jobs/iris.json'), {}, await loadBackend('reference'))).bundle;
});

const nothing = new Uint8Array(32);

function position(fields: Partial<Context>): Context {
  return { ...runContext({ a: 0, n: 1, lo: nothing, hi: nothing }), ...fields };
}

describe('the instructions that a position leaves open', () => {
  test('are those of its parts together, on every level, and one at the end', () => {
    const { program } = bundle;
    const count = createCounter(program);
    const step = count(position({ phase: PHASES.run, n: 1 }));
    expect(count(position({ phase: PHASES.run, n: 7 }))).toBe(7n * step);
    expect(count(position({ phase: PHASES.step, n: temporaryCount(program) }))).toBe(step);
    const each = program.operators.map((_, a) => count(position({ phase: PHASES.ops, a, n: 1 })));
    expect(each.reduce((sum, one) => sum + one, 0n)).toBe(step);
    for (const [k, entry] of program.operators.entries()) {
      const words = outputWords(entry.operator);
      const chunks = Math.ceil(words / CHUNK_WORDS);
      const parts = Array.from({ length: chunks }, (_, a) => count(position({ phase: PHASES.tensor, k, a, n: 1 })));
      expect(parts.reduce((sum, one) => sum + one, 0n)).toBe(each[k]);
      const element = count(position({ phase: PHASES.word, k }));
      expect(element * BigInt(words)).toBe(each[k]);
      expect(element).toBe(BigInt(Math.max(1, operatorRecord(entry).instructions)));
    }
    expect(count(position({ phase: PHASES.machine, n: 5 }))).toBe(5n);
    expect(count(position({ phase: PHASES.prove, n: 1 }))).toBe(1n);
  });
});

describe('the moves of a game', () => {
  const hash = (at: number) => `0x${String(at).padStart(64, '0')}` as const;
  const HISTORY = ['open', 'reveal', 'select', 'resolve'] as const;

  function gameAfter(moves: number): ChainGame {
    const history = HISTORY.slice(0, moves).map(
      (move, at): GameEvent => ({
        move,
        by: null,
        block: BigInt(at),
        txHash: hash(at),
        context: position({ n: 4 - at }),
      }),
    );
    return { history, game: { ending: moves === HISTORY.length ? 'proved' : null } } as unknown as ChainGame;
  }

  function written(book: Book, at: number, time: number): void {
    const by: Role = at % 2 === 0 ? 'verifier' : 'cheat';
    const entry = { by, what: '', gas: 1n, fee: 1n, ms: 5, at: time, block: 0n, txHash: hash(at) };
    book.set(hash(at), entry);
  }

  test('are told once and in order, however the chain and the senders race', () => {
    const book: Book = new Map();
    const told: DemoMove[] = [];
    const log = new MoveLog(bundle, book, (move) => told.push(move));
    written(book, 0, 100);
    log.heed({ kind: 'position', game: gameAfter(1) });
    // The chain shows two moves whose senders have not told of them; the later one does so first.
    log.heed({ kind: 'position', game: gameAfter(3) });
    expect(told).toHaveLength(1);
    written(book, 2, 110);
    log.heed({ kind: 'position', game: gameAfter(2) });
    expect(told).toHaveLength(1);
    written(book, 1, 120);
    log.heed({ kind: 'position', game: gameAfter(3) });
    expect(told.map(({ move, by, ms }) => ({ move, by, ms }))).toEqual([
      { move: 'open', by: 'verifier', ms: 5 },
      { move: 'reveal', by: 'cheat', ms: 20 },
      { move: 'select', by: 'verifier', ms: 0 },
    ]);
    expect(() => log.close(gameAfter(4))).toThrow('1 moves of the game were sent by nobody');
    written(book, 3, 150);
    log.close(gameAfter(4));
    expect(told.map(({ move }) => move)).toEqual(['open', 'reveal', 'select', 'prove']);
    expect(told.at(-1)).toMatchObject({ ms: 30, range: { first: 0, count: 1 } });
  });
});
