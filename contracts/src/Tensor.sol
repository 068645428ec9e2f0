// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Blake3} from "./Blake3.sol";
import {Tree} from "./Tree.sol";

/// @title Tensors as BLAKE3 trees that can be opened down to one word.
/// @notice A tensor's hash is the plain BLAKE3 hash of its 32-bit words, little-endian. Its leaves are chunks of 256
/// words; an empty tensor is one empty chunk. Counts of words come from the job.
library Tensor {
    uint256 internal constant CHUNK_WORDS = 256;
    /// @dev Words in one 32-byte entry of a posted list.
    uint256 private constant ENTRY_WORDS = 8;

    error WordOutOfRange(uint256 index, uint256 words);
    error ChunkOutOfRange(uint256 chunk, uint256 chunks);
    error WrongEntryCount(uint256 have, uint256 want);
    error NonZeroPadding(bytes32 entry, uint256 words);
    error WrongChunkSiblingCount(uint256 have, uint256 want);
    error WrongTensor(bytes32 have, bytes32 want);
    error EmptyList();

    /// @notice max(1, ceil(words / 256))
    function chunkCount(uint256 words) internal pure returns (uint256) {
        unchecked {
            return words == 0 ? 1 : (words + CHUNK_WORDS - 1) / CHUNK_WORDS;
        }
    }

    /// @notice Reverts unless a list can be chunk `chunk` of a tensor of `words` words: eight words an entry, exactly
    /// as many entries as the chunk needs, and zeros behind its end.
    /// @return length The chunk's number of words
    function checkChunk(bytes32[] calldata entries, uint256 words, uint256 chunk)
        internal
        pure
        returns (uint256 length)
    {
        unchecked {
            uint256 chunks = chunkCount(words);
            if (chunk >= chunks) revert ChunkOutOfRange(chunk, chunks);
            length = words - chunk * CHUNK_WORDS;
            if (length > CHUNK_WORDS) length = CHUNK_WORDS;
            uint256 want = (length + ENTRY_WORDS - 1) / ENTRY_WORDS;
            if (entries.length != want) revert WrongEntryCount(entries.length, want);
            uint256 rest = length % ENTRY_WORDS;
            // INVARIANT: BLAKE3 hashes the fill of a short block. A fill that is not zero would change the hash while
            // every word is right, and no index could point at the lie.
            if (rest != 0 && (entries[want - 1] << (32 * rest)) != 0) revert NonZeroPadding(entries[want - 1], rest);
        }
    }

    /// @notice The node of a chunk; the tensor's hash where there is only one.
    function chunkHash(bytes32[] calldata entries, uint256 words, uint256 chunk) internal pure returns (bytes32) {
        uint256 length = checkChunk(entries, words, chunk);
        uint256 saved = Blake3.borrow();
        (uint256 low, uint256 high) = Blake3.chunkNode(entries, 4 * length, chunk, words <= CHUNK_WORDS);
        Blake3.giveBack(saved);
        return Blake3.toBytes(low, high);
    }

    /// @notice The node that a list of neighbouring nodes folds to.
    /// @param isRoot The node is the whole tensor
    function listHash(bytes32[] calldata nodes, bool isRoot) internal pure returns (bytes32 top) {
        if (nodes.length == 0) revert EmptyList();
        uint256 saved = Blake3.borrow();
        top = Blake3.foldNodes(nodes, isRoot);
        Blake3.giveBack(saved);
    }

    /// @notice Word `index` of the tensor of `words` words with this hash. Reverts where the opening does not prove it.
    /// @param entries The word's chunk
    /// @param siblings The chunk's siblings from below, exactly those that exist
    function openWord(
        bytes32 tensor,
        uint256 words,
        uint256 index,
        bytes32[] calldata entries,
        bytes32[] calldata siblings
    ) internal pure returns (uint256) {
        unchecked {
            if (index >= words) revert WordOutOfRange(index, words);
            bytes32 have = climb(words, index / CHUNK_WORDS, entries, siblings);
            if (have != tensor) revert WrongTensor(have, tensor);
            return wordOf(entries, index % CHUNK_WORDS);
        }
    }

    /// @notice The hash that a chunk and its siblings lead to, in a tensor of `words` words.
    function climb(uint256 words, uint256 chunk, bytes32[] calldata entries, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        unchecked {
            uint256 length = checkChunk(entries, words, chunk);
            uint256 width = chunkCount(words);
            // INVARIANT: with chunk and count fixed there is exactly one number of siblings: an opening is unique.
            uint256 want = Tree.siblingCount(width, chunk);
            if (siblings.length != want) revert WrongChunkSiblingCount(siblings.length, want);
            uint256 saved = Blake3.borrow();
            (uint256 low, uint256 high) = Blake3.chunkNode(entries, 4 * length, chunk, width == 1);
            (low, high) = _parents(low, high, width, chunk, siblings);
            Blake3.giveBack(saved);
            return Blake3.toBytes(low, high);
        }
    }

    /// @notice Word `index` of a chunk. Reverts where it has no such entry.
    function wordOf(bytes32[] calldata entries, uint256 index) internal pure returns (uint256) {
        unchecked {
            uint256 word = (uint256(entries[index / ENTRY_WORDS]) >> (224 - 32 * (index % ENTRY_WORDS))) & 0xffffffff;
            word = ((word & 0x00ff00ff) << 8) | ((word >> 8) & 0x00ff00ff);
            return ((word & 0xffff) << 16) | (word >> 16);
        }
    }

    /// @dev Goes up from node `index` of a level of `width` nodes.
    function _parents(uint256 low, uint256 high, uint256 width, uint256 index, bytes32[] calldata siblings)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 next = 0;
            for (; width > 1; width = (width + 1) >> 1) {
                if (index ^ 1 < width) {
                    (low, high) = Blake3.parentNode(low, high, siblings[next++], index & 1 == 1, width == 2);
                }
                index >>= 1;
            }
            return (low, high);
        }
    }
}
