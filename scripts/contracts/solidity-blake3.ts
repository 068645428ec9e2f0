/**
 * The compression function of BLAKE3 as unrolled Yul. A row of four state words is one 256-bit word, word i in the 64-bit
 * lane i from below, so that each statement works on four words at once.
 *
 * - `x * (2^32 + 1)` puts a second copy of each word into the upper half of its lane; a shift by n and a mask then give
 *   the word rotated right by n.
 * - Rows a and c are only added to and xored, so carries may pile up in the upper halves; b and d are masked always.
 * - Diagonals are columns after rows b, c, d are rotated by 1, 2, 3 lanes; for b that is fused with its last rotation.
 */
import { BLAKE3_IV, BLAKE3_SCHEDULE } from '../../src/wasm/blake3-tables.js';

/** The first byte of the message slots: word w stands in the last four bytes of slot w, the rest of a slot is zero. */
const WINDOW = 0x80;
const SLOT_BYTES = 32;
const LANE_BYTES = 8;

/** The text of `Blake3Rounds.sol`. */
export function solidityBlake3Rounds(): string {
  const rounds = BLAKE3_SCHEDULE.flatMap((order, round) => [
    `            // Round ${round + 1}: columns, then diagonals.`,
    ...halfRound(order.slice(0, 8)),
    `            b := and(or(shr(71, b), shl(185, b)), mask)`,
    `            c := or(shr(128, c), shl(128, c))`,
    `            d := or(shr(192, d), shl(64, d))`,
    ...halfRound(order.slice(8)),
    `            b := and(or(shl(57, b), shr(199, b)), mask)`,
    `            c := or(shr(128, c), shl(128, c))`,
    `            d := or(shr(64, d), shl(192, d))`,
  ]);
  return `// SPDX-License-Identifier: MIT
// Written by scripts/contracts/generate-constants.ts from src/wasm/blake3-tables.ts; do not edit.
pragma solidity 0.8.37;

/// @title The seven rounds of BLAKE3's compression function. See scripts/contracts/solidity-blake3.ts for the layout.
library Blake3Rounds {
    /// @notice The next chaining value. The message words must lie in memory at ${hexadecimal(WINDOW)}, see \`Blake3\`.
    /// @param a Row 0: chaining value words 0-3
    /// @param b Row 1: chaining value words 4-7
    /// @param d Row 3: counter low, counter high, block length, flags
    function compress(uint256 a, uint256 b, uint256 d) internal pure returns (uint256 low, uint256 high) {
        assembly ("memory-safe") {
            let mask := 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff
            let twice := 0x100000001
            let c := ${row(BLAKE3_IV.slice(0, 4))}
${rounds.join('\n')}
            low := and(xor(a, c), mask)
            high := xor(b, d)
        }
    }
}
`;
}

/** Four quarter-rounds side by side, but for the last step of b, which the caller fuses with a rotation of lanes. */
function halfRound(words: readonly number[]): string[] {
  const even = words.filter((_, at) => at % 2 === 0);
  const odd = words.filter((_, at) => at % 2 === 1);
  return [
    `            a := ${messageAdded(even)}`,
    `            d := and(shr(16, mul(and(xor(d, a), mask), twice)), mask)`,
    `            c := add(c, d)`,
    `            b := and(shr(12, mul(and(xor(b, c), mask), twice)), mask)`,
    `            a := ${messageAdded(odd)}`,
    `            d := and(shr(8, mul(and(xor(d, a), mask), twice)), mask)`,
    `            c := add(c, d)`,
    `            b := mul(and(xor(b, c), mask), twice)`,
  ];
}

/** a + b + message words in lanes: an unaligned load moves a word up by whole lanes, with zeros around it. */
function messageAdded(words: readonly number[]): string {
  return words.reduce(
    (sum, word, lane) => `add(mload(${hexadecimal(WINDOW + SLOT_BYTES * word + LANE_BYTES * lane)}), ${sum})`,
    'add(b, a)',
  );
}

function row(words: readonly number[]): string {
  const lanes = [...words].reverse().map((word) => word.toString(16).padStart(16, '0'));
  return `0x${lanes.join('')}`;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}
