// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tensor} from "./Tensor.sol";
import {Tree} from "./Tree.sol";

/// @notice What a game has bound by now: what both sides agree on, and the hash that they do not agree on. A field that
/// no rule names keeps its value; one that none has set is 0.
/// @param phase See `Position`
/// @param a The first leaf or link of the range in dispute
/// @param n How many there are
/// @param lo Hash at the left end of a chain: agreed
/// @param hi Hash at the right end of a chain, or of the node: disputed
/// @param pre State root before the training step
/// @param temp Root over the step's temporaries, as far as agreed
/// @param opLeaf Leaf of the operator
/// @param step Number of the training step
/// @param k Number of the operator
/// @param elem Number of the element
/// @param value In TENSOR the number of words of the operator's output, from WORD on the element's value: disputed
/// @param temporaries M
/// @param states T
/// @param constants C
/// @param consts Root over the constants
struct Context {
    uint256 phase;
    uint256 a;
    uint256 n;
    bytes32 lo;
    bytes32 hi;
    bytes32 pre;
    bytes32 temp;
    bytes32 opLeaf;
    uint256 step;
    uint256 k;
    uint256 elem;
    uint256 value;
    uint256 temporaries;
    uint256 states;
    uint256 constants;
    bytes32 consts;
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

    uint256 private constant BYTES = 512;

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

    /// @notice Reverts unless the list is one that an honest solver could post here. Lists of a tensor's nodes are not
    /// hashed: whoever finds that one does not fold may refute it.
    function post(Context memory context, bytes32[] calldata list) internal pure {
        uint256 phase = context.phase;
        if (phase == TENSOR && context.n == 1) {
            // INVARIANT: a chunk has its length and nothing behind its end, so that a lie is in a word or in the hash.
            Tensor.checkChunk(list, context.value, context.a);
            return;
        }
        (, uint256 want) = Tree.blocks(context.n);
        // Of a chain both ends are known already.
        if (phase == RUN || phase == MACHINE) --want;
        // INVARIANT: every entry is one block, so that equal lists mean an equal node.
        if (list.length != want) revert WrongEntryCount(list.length, want);
        if (phase == STEP) context.temp = _root(list);
        if (phase == OPS) check(_root(list), context.hi);
    }

    /// @notice Narrows a position to the entry of its list that the challenger denies.
    function narrow(Context memory context, bytes32[] calldata list, uint256 index) internal pure {
        uint256 phase = context.phase;
        if (phase == TENSOR && context.n == 1) return _toWord(context, list, index);
        (uint256 level, uint256 count) = Tree.blocks(context.n);
        if (phase == STEP && index == count) {
            // All temporaries are agreed, so a tensor of the next state differs.
            (context.phase, context.a, context.n) = (OPS, context.temporaries, context.states);
            return;
        }
        if (index >= count) revert BadIndex(index, count);
        if (phase == RUN || phase == MACHINE) {
            if (index != 0) context.lo = list[index - 1];
            if (index != count - 1) context.hi = list[index];
        } else {
            context.hi = list[index];
            if (phase == STEP) context.phase = OPS;
        }
        uint256 first = index << level;
        uint256 rest = context.n - first;
        context.a += first;
        context.n = rest < 1 << level ? rest : 1 << level;
        if (phase == MACHINE && context.n == 1) context.phase = PROVE;
    }

    /// @notice Reverts unless two hashes are equal.
    function check(bytes32 have, bytes32 want) internal pure {
        if (have != want) revert BadProof(have, want);
    }

    function _toWord(Context memory context, bytes32[] calldata list, uint256 index) private pure {
        uint256 length = context.value - context.a * Tensor.CHUNK_WORDS;
        if (length > Tensor.CHUNK_WORDS) length = Tensor.CHUNK_WORDS;
        if (index >= length) revert BadIndex(index, length);
        context.elem = context.a * Tensor.CHUNK_WORDS + index;
        context.value = Tensor.wordOf(list, index);
        context.phase = WORD;
    }

    /// @dev What `Merkle.root` gives, for a third of its gas: here a list is folded above the price floor of its data.
    function _root(bytes32[] calldata list) private pure returns (bytes32 top) {
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
