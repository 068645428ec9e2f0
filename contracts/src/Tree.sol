// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The shape that all trees share: neighbours are paired, an odd last node moves up unchanged, until one is left.
/// @dev There is no padding and a count always comes from the job, so the depth of every leaf is fixed and equal
/// children mean equal parents.
library Tree {
    /// @notice A list that is posted in a dispute has at most this many entries.
    uint256 internal constant MAX_LIST = 32;
    uint256 private constant MAX_LIST_BITS = 5;

    /// @notice How many siblings open leaf `index` of `count`. Needs `index < count`.
    function siblingCount(uint256 count, uint256 index) internal pure returns (uint256 siblings) {
        unchecked {
            for (uint256 width = count; width > 1; width = (width + 1) >> 1) {
                if (index ^ 1 < width) ++siblings;
                index >>= 1;
            }
        }
    }

    /// @notice How a range of `count` leaves (or links of a chain) is cut for one round: blocks of `2^level`, of which the
    /// last may be shorter. There are as few rounds as lists of 32 allow, and all are about as long: two lists of 8 cost
    /// less than one of 32 and one of 2.
    function blocks(uint256 count) internal pure returns (uint256 level, uint256 blockCount) {
        unchecked {
            if (count <= MAX_LIST) return (0, count);
            uint256 bits;
            assembly ("memory-safe") {
                bits := sub(256, clz(sub(count, 1)))
            }
            uint256 rounds = (bits + MAX_LIST_BITS - 1) / MAX_LIST_BITS;
            level = bits - (bits + rounds - 1) / rounds;
            blockCount = (count + (1 << level) - 1) >> level;
        }
    }
}
