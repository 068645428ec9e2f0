import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesToHex } from '../../src/commitments/hash.js';
import { isGensynError } from '../../src/errors/index.js';
import type { Operator } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import { type ElementStates, statesOfElement } from '../../src/program/element-states.js';
import type { Program } from '../../src/program/program.js';
import { hashMachineState, startState, stepMachine } from '../../src/referee/machine.js';
import { matrixVector, total } from '../program/sample-program.js';

/** A program of one operator over constants. */
function programOf(operator: Operator): Program {
  const constants = operator.operands.map(({ dtype, words }, at) => ({ name: `c${at}`, dtype, shape: [words] }));
  const slots = constants.map((_, index) => ({ kind: 'constant' as const, index }));
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators: [{ operator, slots, label: 'test' }],
    state: [],
    constants,
    results: {},
  };
}

/** Operands of small binary32 numbers. */
function operandsOf({ operands }: Operator): Uint32Array[] {
  return operands.map(({ words }, slot) => {
    const values = Float32Array.from({ length: words }, (_, at) => Math.fround(((at * 7 + slot) % 23) - 11.5));
    return new Uint32Array(values.buffer);
  });
}

function statesOf(operator: Operator, element: number, resultFlip = 0): ElementStates {
  const [program, operands] = [programOf(operator), operandsOf(operator)];
  return statesOfElement({ program, operator: 0, element, step: 3, operands, resultFlip });
}

/** The hashes of all states, each made from the one before. */
function hashesOneByOne({ machine, count }: ElementStates, element: number): string[] {
  const state = startState(element, 3);
  const hashes = [bytesToHex(hashMachineState(state))];
  for (let index = 0; index < count; index++) {
    stepMachine(machine, state);
    hashes.push(bytesToHex(hashMachineState(state)));
  }
  return hashes;
}

describe('the states of an element', () => {
  const operator = matrixVector(4, 60);
  const all = hashesOneByOne(statesOf(operator, 2), 2);

  test('are those of the machine, in whatever order they are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(all.length - 1), { maxLength: 31 }), { maxLength: 5 }), (questions) => {
        const states = statesOf(operator, 2);
        for (const indices of questions) {
          expect(states.hashesAt(indices).map(bytesToHex)).toEqual(indices.map((index) => all[index]));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('cannot be spoiled by changing one that was given out', () => {
    const states = statesOf(operator, 2);
    states.stateAt(40).registers.fill(7);
    expect(states.hashesAt([40, 41]).map(bytesToHex)).toEqual([all[40], all[41]]);
  });

  test('of a drill differ from the honest ones in the last state only, by the bits flipped in r0', () => {
    const [honest, faulty] = [statesOf(operator, 2), statesOf(operator, 2, 0x80000000)];
    const indices = Array.from({ length: honest.count + 1 }, (_, index) => index);
    const [mine, theirs] = [honest, faulty].map((states) => states.hashesAt(indices).map(bytesToHex));
    expect(indices.filter((index) => mine![index] !== theirs![index])).toEqual([honest.count]);
    const [right, wrong] = [honest, faulty].map((states) => states.stateAt(states.count));
    expect((right!.registers[0]! ^ wrong!.registers[0]!) >>> 0).toBe(0x80000000);
    expect({ pc: wrong!.pc, rest: [...wrong!.registers].slice(1) }).toEqual({
      pc: right!.pc,
      rest: [...right!.registers].slice(1),
    });
    // Asking again does not flip the bit back.
    expect(faulty.hashesAt([faulty.count]).map(bytesToHex)).toEqual([theirs![faulty.count]]);
  });

  test.each([-1, 0.5, all.length, Number.NaN])('there is none with the number %p', (index) => {
    try {
      statesOf(operator, 2).stateAt(index);
    } catch (error) {
      expect(isGensynError(error, 'commitment.index-out-of-range')).toBe(true);
      return;
    }
    throw new Error('nothing was thrown');
  });

  test('are refused for operands of other lengths than the definition says', () => {
    const place = { program: programOf(operator), operator: 0, element: 0, step: 0 };
    expect(() => statesOfElement({ ...place, operands: [new Uint32Array(240), new Uint32Array(61)] })).toThrow(/words/);
    expect(() => statesOfElement({ ...place, operands: [new Uint32Array(240)] })).toThrow(/words/);
  });

  test('of a million instructions: any 31 are there in under a second', () => {
    const long = statesOf(total(350_000), 0);
    expect(long.count).toBeGreaterThan(1_000_000);
    const size = Math.ceil(long.count / 32);
    const began = performance.now();
    const hashes = long.hashesAt(Array.from({ length: 31 }, (_, block) => (block + 1) * size));
    const first = performance.now() - began;
    // The next round of the dispute: 31 states inside one block.
    const inside = long.hashesAt(Array.from({ length: 31 }, (_, at) => 20 * size + (at + 1) * Math.floor(size / 32)));
    expect(new Set([...hashes, ...inside].map(bytesToHex)).size).toBe(62);
    expect(first).toBeLessThan(1000);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
