// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tensor} from "./Tensor.sol";
import {Tree} from "./Tree.sol";

/// @notice What a game has bound by now: what both sides agree on, and the hash that they do not agree on. A field that
/// no rule names keeps its value; one that none has set is 0. Every move brings all of it, and pays for every byte: so
/// it is short.
/// @param place Seven numbers of 32 bits, see `Position`
/// @param lo Hash at the left end of a chain: agreed
/// @param hi Hash at the right end of a chain, or of the node: disputed
/// @param sources Hash of what the operators of the disputed training step may read, see `Sources`
/// @param opLeaf Leaf of the operator
struct Context {
    uint256 place;
    bytes32 lo;
    bytes32 hi;
    bytes32 sources;
    bytes32 opLeaf;
}

/// @title How a position narrows: the lists that may be posted at it, and what a choice from a list leaves.
library Position {
    uint256 internal constant RUN = 1;
    uint256 internal constant STEP = 2;
    uint256 internal constant OPS = 3;
    uint256 internal constant TENSOR = 4;
    uint256 internal constant WORD = 5;
    uint256 internal constant MACHINE = 6;
    uint256 internal constant PROVE = 7;

    /// @dev The numbers of a place, by their lowest bit: the phase; the first leaf or link of the range in dispute and how
    /// many there are; the training step, operator and element; in STEP and OPS the number of states, in TENSOR the words
    /// of the operator's output, from WORD on the element's value: disputed.
    uint256 internal constant PHASE = 192;
    uint256 internal constant A = 160;
    uint256 internal constant N = 128;
    uint256 internal constant STEP_NUMBER = 96;
    uint256 internal constant K = 64;
    uint256 internal constant ELEM = 32;
    uint256 internal constant VALUE = 0;

    uint256 private constant BYTES = 160;
    uint256 private constant NUMBER = 0xffffffff;

    error BadIndex(uint256 have, uint256 limit);
    error BadProof(bytes32 have, bytes32 want);
    error WrongEntryCount(uint256 have, uint256 want);
    error WrongPhase(uint256 have);

    /// @notice keccak256(context)
    function hash(Context memory context) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := keccak256(context, BYTES)
        }
    }

    /// @notice keccak256(context || list)
    function hash(Context memory context, bytes32[] calldata list) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mcopy(free, context, BYTES)
            let length := shl(5, list.length)
            calldatacopy(add(free, BYTES), list.offset, length)
            digest := keccak256(free, add(BYTES, length))
        }
    }

    /// @notice One of the numbers of a place.
    function get(Context memory context, uint256 number) internal pure returns (uint256) {
        return (context.place >> number) & NUMBER;
    }

    /// @notice Changes one of the numbers of a place; it must be below 2^32.
    function set(Context memory context, uint256 number, uint256 value) internal pure {
        context.place = (context.place & ~(NUMBER << number)) | (value << number);
    }

    /// @notice A place whose range is `n` from `a`. All other numbers are 0.
    function placeOf(uint256 phase, uint256 a, uint256 n) internal pure returns (uint256) {
        return (phase << PHASE) | (a << A) | (n << N);
    }

    /// @notice Enters a level of `n` leaves or links, from the first one on.
    function enter(Context memory context, uint256 phase, uint256 n) internal pure {
        set(context, PHASE, phase);
        set(context, A, 0);
        set(context, N, n);
    }

    /// @notice Reverts unless the list is one that an honest solver could post here. Lists of a tensor's nodes are not
    /// hashed: whoever finds that one does not fold may refute it.
    function post(Context memory context, bytes32[] calldata list) internal pure {
        uint256 phase = get(context, PHASE);
        uint256 n = get(context, N);
        if (phase == TENSOR && n == 1) {
            // INVARIANT: a chunk has its length and nothing behind its end, so that a lie is in a word or in the hash.
            Tensor.checkChunk(list, get(context, VALUE), get(context, A));
            return;
        }
        (, uint256 want) = Tree.blocks(n);
        // Of a chain both ends are known already.
        if (phase == RUN || phase == MACHINE) --want;
        // INVARIANT: every entry is one block, so that equal lists mean an equal node.
        if (list.length != want) revert WrongEntryCount(list.length, want);
        if (phase == OPS) check(root(list), context.hi);
    }

    /// @notice Narrows a position to the entry of its list that the challenger denies.
    function narrow(Context memory context, bytes32[] calldata list, uint256 index) internal pure {
        uint256 phase = get(context, PHASE);
        uint256 n = get(context, N);
        if (phase == TENSOR && n == 1) return _toWord(context, list, index);
        (uint256 level, uint256 count) = Tree.blocks(n);
        if (phase == STEP && index == count) {
            // All temporaries are agreed, so a tensor of the next state differs. Its operators follow the temporaries'.
            set(context, PHASE, OPS);
            set(context, A, n);
            return set(context, N, get(context, VALUE));
        }
        if (index >= count) revert BadIndex(index, count);
        if (phase == RUN || phase == MACHINE) {
            if (index != 0) context.lo = list[index - 1];
            if (index != count - 1) context.hi = list[index];
        } else {
            context.hi = list[index];
            if (phase == STEP) set(context, PHASE, OPS);
        }
        uint256 first = index << level;
        n -= first;
        if (n > 1 << level) n = 1 << level;
        set(context, A, get(context, A) + first);
        set(context, N, n);
        if (phase == MACHINE && n == 1) set(context, PHASE, PROVE);
    }

    /// @notice Reverts unless two hashes are equal.
    function check(bytes32 have, bytes32 want) internal pure {
        if (have != want) revert BadProof(have, want);
    }

    function _toWord(Context memory context, bytes32[] calldata list, uint256 index) private pure {
        uint256 first = get(context, A) * Tensor.CHUNK_WORDS;
        uint256 length = get(context, VALUE) - first;
        if (length > Tensor.CHUNK_WORDS) length = Tensor.CHUNK_WORDS;
        if (index >= length) revert BadIndex(index, length);
        set(context, ELEM, first + index);
        set(context, VALUE, Tensor.wordOf(list, index));
        set(context, PHASE, WORD);
    }

    /// @notice What `Merkle.root` gives, for a third of its gas: here a list is folded above the price floor of its data.
    function root(bytes32[] calldata list) internal pure returns (bytes32 top) {
        assembly ("memory-safe") {
            let base := mload(0x40)
            let width := list.length
            calldatacopy(base, list.offset, shl(5, width))
            for {} gt(width, 1) {} {
                let pairs := shr(1, width)
                // INVARIANT: nothing is overwritten that is still to be read: pair i lies at 2i and beyond.
                for { let i := 0 } lt(i, pairs) { i := add(i, 1) } {
                    mstore(add(base, shl(5, i)), keccak256(add(base, shl(6, i)), 0x40))
                }
                if and(width, 1) {
                    mstore(add(base, shl(5, pairs)), mload(add(base, shl(5, sub(width, 1)))))
                    pairs := add(pairs, 1)
                }
                width := pairs
            }
            if width { top := mload(base) }
        }
    }
}
