// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The shape that all trees share: neighbours are paired, an odd last node moves up unchanged, until one is left.
/// @dev There is no padding and a count always comes from the job, so the depth of every leaf is fixed and equal
/// children mean equal parents.
library Tree {
    /// @notice A list that is posted in a dispute has at most this many entries.
    uint256 internal constant MAX_LIST = 32;

    /// @notice How many siblings open leaf `index` of `count`. Needs `index < count`.
    function siblingCount(uint256 count, uint256 index) internal pure returns (uint256 siblings) {
        unchecked {
            for (uint256 width = count; width > 1; width = (width + 1) >> 1) {
                if (index ^ 1 < width) ++siblings;
                index >>= 1;
            }
        }
    }

    /// @notice How a range of `count` leaves (or links of a chain) is cut for one round: at most 32 blocks of
    /// `2^level`, of which the last may be shorter.
    function blocks(uint256 count) internal pure returns (uint256 level, uint256 blockCount) {
        unchecked {
            assembly ("memory-safe") {
                // The bit length of count - 1, less 5.
                if gt(count, 32) { level := sub(251, clz(sub(count, 1))) }
            }
            blockCount = (count + (1 << level) - 1) >> level;
        }
    }
}
