// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Blake3Rounds} from "./generated/Blake3Rounds.sol";

/// @title BLAKE3 in hash mode with its inner nodes exposed: chunks, parents, folded lists.
/// @dev Source: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020.
///
/// A row of four state words is one word of the EVM, word i in the 64-bit lane i from below, so that an addition or a
/// rotation does four at once. The 16 message words lie in slots of 32 bytes, zero but for the word in the last four:
/// an unaligned `mload` then gives the word in any lane. Addresses of the slots are constants (`WINDOW`), which saves
/// 25 k gas on an opening; the caller borrows that memory and gives it back, see `borrow`.
library Blake3 {
    uint256 internal constant CHUNK_BYTES = 1024;
    /// @dev First byte of the message slots, 17 slots of 32 bytes; the last stays zero.
    uint256 private constant WINDOW = 0x80;
    uint256 private constant WINDOW_BYTES = 0x220;
    uint256 private constant IV_LOW = 0xa54ff53a_00000000_3c6ef372_00000000_bb67ae85_00000000_6a09e667;
    uint256 private constant IV_HIGH = 0x5be0cd19_00000000_1f83d9ab_00000000_9b05688c_00000000_510e527f;
    uint256 private constant CHUNK_START = 1;
    uint256 private constant CHUNK_END = 2;
    uint256 private constant PARENT = 4;
    uint256 private constant ROOT = 8;


    /// @notice Copies the memory of the message slots away. Between this and `giveBack` nothing may read or write
    /// memory below the free memory pointer at entry, but functions of this library.
    function borrow() internal pure returns (uint256 saved) {
        assembly ("memory-safe") {
            saved := mload(0x40)
            // INVARIANT: the copy lies behind the slots, also where little memory is in use.
            if lt(saved, add(WINDOW, WINDOW_BYTES)) { saved := add(WINDOW, WINDOW_BYTES) }
            mcopy(saved, WINDOW, WINDOW_BYTES)
            mstore(0x40, add(saved, WINDOW_BYTES))
            mstore(add(WINDOW, 0x200), 0)
        }
    }

    /// @notice Restores what `borrow` has saved.
    function giveBack(uint256 saved) internal pure {
        assembly ("memory-safe") {
            mcopy(WINDOW, saved, WINDOW_BYTES)
        }
    }

    /// @notice The chaining value of one chunk; the hash where it is the whole message. Only between `borrow` and
    /// `giveBack`.
    /// @param entries The chunk in the order of its bytes, zero behind its end. INVARIANT: there are exactly
    /// ceil(byteLength / 32); the caller has checked that
    /// @param byteLength At most 1,024
    /// @param counter The chunk's number in the message
    function chunkNode(bytes32[] calldata entries, uint256 byteLength, uint256 counter, bool isRoot)
        internal
        pure
        returns (uint256 low, uint256 high)
    {
        unchecked {
            low = IV_LOW;
            high = IV_HIGH;
            uint256 flags = CHUNK_START;
            uint256 next = 0;
            while (byteLength > 64) {
                _putBlock(_entry(entries, next), _entry(entries, next + 1));
                (low, high) = Blake3Rounds.compress(low, high, (flags << 192) | (64 << 128) | counter);
                flags = 0;
                next += 2;
                byteLength -= 64;
            }
            _putBlock(
                next < entries.length ? _entry(entries, next) : bytes32(0),
                next + 1 < entries.length ? _entry(entries, next + 1) : bytes32(0)
            );
            flags |= isRoot ? CHUNK_END | ROOT : CHUNK_END;
            return Blake3Rounds.compress(low, high, (flags << 192) | (byteLength << 128) | counter);
        }
    }

    /// @notice The parent of a node and its sibling. Only between `borrow` and `giveBack`.
    /// @param isRight The node is the right one
    /// @param isRoot They are the two halves of the whole message
    function parentNode(uint256 low, uint256 high, bytes32 sibling, bool isRight, bool isRoot)
        internal
        pure
        returns (uint256, uint256)
    {
        unchecked {
            sibling = _swapWords(sibling);
            assembly ("memory-safe") {
                // The slots of the left half begin at 0x80, those of the right half at 0x180.
                let slot := add(0x80, shl(8, isRight))
                mstore(slot, and(low, 0xffffffff))
                mstore(add(slot, 0x20), and(shr(64, low), 0xffffffff))
                mstore(add(slot, 0x40), and(shr(128, low), 0xffffffff))
                mstore(add(slot, 0x60), shr(192, low))
                mstore(add(slot, 0x80), and(high, 0xffffffff))
                mstore(add(slot, 0xa0), and(shr(64, high), 0xffffffff))
                mstore(add(slot, 0xc0), and(shr(128, high), 0xffffffff))
                mstore(add(slot, 0xe0), shr(192, high))
                slot := sub(0x200, slot)
                mstore(slot, shr(224, sibling))
                mstore(add(slot, 0x20), and(shr(192, sibling), 0xffffffff))
                mstore(add(slot, 0x40), and(shr(160, sibling), 0xffffffff))
                mstore(add(slot, 0x60), and(shr(128, sibling), 0xffffffff))
                mstore(add(slot, 0x80), and(shr(96, sibling), 0xffffffff))
                mstore(add(slot, 0xa0), and(shr(64, sibling), 0xffffffff))
                mstore(add(slot, 0xc0), and(shr(32, sibling), 0xffffffff))
                mstore(add(slot, 0xe0), and(sibling, 0xffffffff))
            }
            return _compressParent(isRoot);
        }
    }

    /// @notice The node that neighbouring nodes of one level fold to. Needs at least one; between `borrow` and
    /// `giveBack` only.
    /// @param isRoot The node is the whole message (with one node given, this changes nothing)
    function foldNodes(bytes32[] calldata nodes, bool isRoot) internal pure returns (bytes32) {
        unchecked {
            uint256 width = nodes.length;
            bytes32[] memory level = nodes;
            while (width > 1) {
                bool isTop = isRoot && width == 2;
                for (uint256 left = 0; left + 1 < width; left += 2) {
                    _putBlock(level[left], level[left + 1]);
                    (uint256 low, uint256 high) = _compressParent(isTop);
                    level[left >> 1] = toBytes(low, high);
                }
                if (width & 1 == 1) level[width >> 1] = level[width - 1];
                width = (width + 1) >> 1;
            }
            return level[0];
        }
    }

    /// @notice A chaining value as the 32 bytes that BLAKE3 outputs.
    function toBytes(uint256 low, uint256 high) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            function pack(row) -> packed {
                packed := or(
                    or(shl(96, and(row, 0xffffffff)), and(row, 0xffffffff0000000000000000)),
                    or(and(shr(96, row), 0xffffffff00000000), shr(192, row))
                )
            }
            value := or(shl(128, pack(low)), pack(high))
        }
        return _swapWords(value);
    }

    function _compressParent(bool isRoot) private pure returns (uint256, uint256) {
        uint256 flags = isRoot ? PARENT | ROOT : PARENT;
        return Blake3Rounds.compress(IV_LOW, IV_HIGH, (flags << 192) | (64 << 128));
    }

    /// @dev An entry without a bounds check: the caller has checked the number of entries against the length.
    function _entry(bytes32[] calldata entries, uint256 index) private pure returns (bytes32 entry) {
        assembly ("memory-safe") {
            entry := calldataload(add(entries.offset, shl(5, index)))
        }
    }

    /// @dev All sixteen message words; addresses are constants because this is half of the work beside the rounds.
    function _putBlock(bytes32 left, bytes32 right) private pure {
        left = _swapWords(left);
        right = _swapWords(right);
        assembly ("memory-safe") {
            mstore(0x80, shr(224, left))
            mstore(0xa0, and(shr(192, left), 0xffffffff))
            mstore(0xc0, and(shr(160, left), 0xffffffff))
            mstore(0xe0, and(shr(128, left), 0xffffffff))
            mstore(0x100, and(shr(96, left), 0xffffffff))
            mstore(0x120, and(shr(64, left), 0xffffffff))
            mstore(0x140, and(shr(32, left), 0xffffffff))
            mstore(0x160, and(left, 0xffffffff))
            mstore(0x180, shr(224, right))
            mstore(0x1a0, and(shr(192, right), 0xffffffff))
            mstore(0x1c0, and(shr(160, right), 0xffffffff))
            mstore(0x1e0, and(shr(128, right), 0xffffffff))
            mstore(0x200, and(shr(96, right), 0xffffffff))
            mstore(0x220, and(shr(64, right), 0xffffffff))
            mstore(0x240, and(shr(32, right), 0xffffffff))
            mstore(0x260, and(right, 0xffffffff))
        }
    }

    /// @dev Reverses the bytes of each of the eight 32-bit words: BLAKE3's words are little-endian.
    function _swapWords(bytes32 value) private pure returns (bytes32 swapped) {
        assembly ("memory-safe") {
            let mask := 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff
            swapped := or(shl(8, and(value, mask)), and(shr(8, value), mask))
            mask := 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff
            swapped := or(shl(16, and(swapped, mask)), and(shr(16, swapped), mask))
        }
    }
}
