// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Blake3} from "../src/Blake3.sol";
import {Machine} from "../src/Machine.sol";
import {Merkle} from "../src/Merkle.sol";
import {JobTerms, Operator, Program, Structs} from "../src/Structs.sol";
import {Tensor} from "../src/Tensor.sol";
import {Tree} from "../src/Tree.sol";

/// @title The libraries in bulk, for comparison with the TypeScript machine. Never deployed in production.
contract RefereeHarness {
    /// @notice Runs a program over operands that lie in calldata as they are, words big-endian.
    /// @return digest keccak chain over the hashes of all states after each instruction
    /// @return last The last state
    function run(bytes calldata code, bytes calldata state, bytes[] calldata operands, uint256 count)
        external
        pure
        returns (bytes32 digest, bytes memory last)
    {
        last = state;
        for (uint256 done = 0; done < count; ++done) {
            uint256 instruction = Machine.fetch(code, last);
            (bool isLoad, uint256 slot, uint256 index) = Machine.loadOf(last, instruction);
            Machine.execute(last, instruction, isLoad ? _word(operands, slot, index) : 0);
            digest = Merkle.node(digest, keccak256(last));
        }
    }

    /// @notice Applies an operation to many operands: rows of a, b, c, 32 bits big-endian each.
    /// @return digest keccak256 of the results, 32 bits big-endian each
    function applyScalar(uint256 opcode, bytes calldata rows) external pure returns (bytes32 digest) {
        bytes memory results = new bytes(rows.length / 3 + 32);
        bytes memory state = new bytes(Machine.STATE_BYTES);
        uint256 instruction = (opcode << 56) | (1 << 40) | (2 << 32) | 3;
        uint256 count = rows.length / 12;
        for (uint256 row = 0; row < count; ++row) {
            Machine.setRegister(state, 1, uint32(bytes4(rows[12 * row:12 * row + 4])));
            Machine.setRegister(state, 2, uint32(bytes4(rows[12 * row + 4:12 * row + 8])));
            Machine.setRegister(state, 3, uint32(bytes4(rows[12 * row + 8:12 * row + 12])));
            Machine.execute(state, instruction, 0);
            uint256 result = Machine.getRegister(state, 0);
            assembly ("memory-safe") {
                mstore(add(add(results, 0x20), mul(4, row)), shl(224, result))
            }
        }
        assembly ("memory-safe") {
            digest := keccak256(add(results, 0x20), mul(4, count))
        }
    }

    /// @notice BLAKE3 of a message in entries of 32 bytes, zero behind its end.
    function blake3(bytes32[] calldata entries, uint256 byteLength) external view returns (bytes32) {
        uint256 chunks = byteLength == 0 ? 1 : (byteLength + 1023) / 1024;
        bytes32[] memory nodes = new bytes32[](chunks);
        for (uint256 chunk = 0; chunk < chunks; ++chunk) {
            uint256 first = chunk * 32;
            uint256 length = byteLength - chunk * 1024 < 1024 ? byteLength - chunk * 1024 : 1024;
            uint256 saved = Blake3.borrow();
            (uint256 low, uint256 high) =
                Blake3.chunkNode(entries[first:first + (length + 31) / 32], length, chunk, chunks == 1);
            Blake3.giveBack(saved);
            nodes[chunk] = Blake3.toBytes(low, high);
        }
        return this.fold(nodes);
    }

    function fold(bytes32[] calldata nodes) external pure returns (bytes32) {
        return Tensor.listHash(nodes, true);
    }

    function openWord(
        bytes32 tensor,
        uint256 words,
        uint256 index,
        bytes32[] calldata entries,
        bytes32[] calldata siblings
    ) external pure returns (uint256) {
        return Tensor.openWord(tensor, words, index, entries, siblings);
    }

    function merkleRoot(bytes32[] calldata leaves) external pure returns (bytes32) {
        return Merkle.root(leaves);
    }

    function merkleVerify(bytes32 root, bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata siblings)
        external
        pure
    {
        Merkle.verify(root, leaf, index, count, siblings);
    }

    function blocks(uint256 count) external pure returns (uint256 level, uint256 blockCount) {
        return Tree.blocks(count);
    }

    function start(uint32 element, uint32 step) external pure returns (bytes memory) {
        return Machine.start(element, step);
    }

    function operatorLeaf(Operator calldata operator) external pure returns (bytes32) {
        return Structs.operatorLeaf(operator);
    }

    function programHash(Program calldata program) external pure returns (bytes32) {
        return Structs.programHash(program);
    }

    function jobHash(JobTerms memory job) external pure returns (bytes32) {
        return Structs.jobHash(job);
    }

    function _word(bytes[] calldata operands, uint256 slot, uint256 index) private pure returns (uint256) {
        if (slot >= operands.length) return 0;
        bytes calldata words = operands[slot];
        if (index >= words.length / 4) return 0;
        return uint32(bytes4(words[4 * index:4 * index + 4]));
    }
}
