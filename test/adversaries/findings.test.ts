/** Findings of the protocol's review that are about the job and not about a game; docs/security.md lists all of them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { merkleRoot } from '../../src/commitments/merkle.js';
import { blocksOf } from '../../src/commitments/tree.js';
import { packContext, runContext } from '../../src/game/context.js';
import { machineContext } from '../../src/game/reveal.js';
import { operatorLeaf, operatorRecord, programRecord, programRecordHash } from '../../src/program/hash.js';
import { parseProgram, serializeProgram } from '../../src/program/serialize.js';
import { hashMachineState, startState } from '../../src/referee/machine.js';
import { toy } from '../game/support/toys.js';

const { bundle } = toy({ steps: 6, checkpointEvery: 2 });

describe('C3: microcode', () => {
  test('is not in a program, and a program that brings some is refused: everybody compiles it for himself', () => {
    const text = serializeProgram(bundle.program);
    expect(parseProgram(text)).toEqual(bundle.program);
    expect(() => parseProgram(text.replace('{"kind"', '{"code":"0x00","kind"'))).toThrow(/a key other than/);
  });

  test('of one operator with one bit changed is another program', () => {
    const records = bundle.program.operators.map(operatorRecord);
    const record = programRecord(bundle.program, bundle.hashes.constants);
    const hashOf = (of: typeof records) =>
      programRecordHash({ ...record, ops: merkleRoot(of.map((each) => operatorLeaf(each))) });
    expect(hashOf(records)).toEqual(bundle.hashes.program);
    for (const [k, each] of records.entries()) {
      const code = each.code.with(31, each.code[31]! ^ 1);
      expect(hashOf(records.with(k, { ...each, code }))).not.toEqual(bundle.hashes.program);
    }
  });
});

describe('M4: the ends of blocks', () => {
  test('stand on checkpoints where blocks are as long as intervals, and cut intervals evenly where they are shorter', () => {
    const log2 = (from: number, to: number) => fc.integer({ min: from, max: to }).map((bits) => 2 ** bits);
    fc.assert(
      fc.property(log2(0, 10), fc.integer({ min: 1, max: 100_000 }), fc.nat(1000), (every, intervals, left) => {
        const { size, count } = blocksOf(intervals * every);
        const ends = Array.from({ length: count - 1 }, (_, block) => left * every + (block + 1) * size);
        const grid = Math.min(size, every);
        for (const end of ends) expect(end % grid).toBe(0);
      }),
    );
  });
});

describe('M5: an element’s machine', () => {
  test('starts with element and training step as the game has bound them, and with nothing of a state', () => {
    const { lo, hi } = runContext({ a: 0, n: 1, lo: bundle.hashes.genesisRoot, hi: bundle.hashes.program });
    const context = { ...runContext({ a: 0, n: 1, lo, hi }), step: 5, elem: 3 };
    const operator = operatorRecord(bundle.program.operators[0]!);
    const entered = machineContext(context, operator, hi);
    expect(entered.lo).toEqual(hashMachineState(startState(3, 5)));
    expect(startState(3, 5).registers.slice(0, 3)).toEqual(Uint32Array.of(3, 5, 0));
    expect(packContext(entered).place & ((1n << 64n) - 1n)).toBe(3n << 32n);
  });
});
