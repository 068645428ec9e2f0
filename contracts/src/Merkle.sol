// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tree} from "./Tree.sol";

/// @title Keccak trees: node(l, r) = keccak256(l || r); the root of one leaf is the leaf, of none it is zero.
/// @dev Leaves are hashes of something that is never 64 bytes long, so that a leaf cannot be passed off as a node.
library Merkle {
    error LeafOutOfRange(uint256 index, uint256 count);
    error WrongSiblingCount(uint256 have, uint256 want);
    error WrongRoot(bytes32 have, bytes32 want);

    /// @notice keccak256(left || right)
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 parent) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            parent := keccak256(0x00, 0x40)
        }
    }

    /// @notice The root over a list of leaves or of neighbouring nodes of one level.
    function root(bytes32[] calldata leaves) internal pure returns (bytes32) {
        unchecked {
            uint256 width = leaves.length;
            if (width == 0) return 0;
            bytes32[] memory level = leaves;
            while (width > 1) {
                for (uint256 left = 0; left + 1 < width; left += 2) {
                    level[left >> 1] = node(level[left], level[left + 1]);
                }
                if (width & 1 == 1) level[width >> 1] = level[width - 1];
                width = (width + 1) >> 1;
            }
            return level[0];
        }
    }

    /// @notice The root that a leaf and its siblings lead to, in a tree of `count` leaves.
    function climb(bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32 top)
    {
        unchecked {
            // INVARIANT: with index and count fixed there is exactly one number of siblings: an opening is unique.
            if (index >= count) revert LeafOutOfRange(index, count);
            uint256 want = Tree.siblingCount(count, index);
            if (siblings.length != want) revert WrongSiblingCount(siblings.length, want);
            top = leaf;
            uint256 next = 0;
            for (uint256 width = count; width > 1; width = (width + 1) >> 1) {
                if (index ^ 1 < width) {
                    bytes32 sibling = siblings[next++];
                    top = index & 1 == 0 ? node(top, sibling) : node(sibling, top);
                }
                index >>= 1;
            }
        }
    }

    /// @notice Reverts unless `leaf` is leaf `index` of the tree of `count` leaves with this root.
    function verify(bytes32 want, bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata siblings)
        internal
        pure
    {
        bytes32 have = climb(leaf, index, count, siblings);
        if (have != want) revert WrongRoot(have, want);
    }
}
