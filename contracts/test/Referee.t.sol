// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Machine} from "../src/Machine.sol";
import {Merkle} from "../src/Merkle.sol";
import {Frame, Operand, Referee} from "../src/Referee.sol";
import {Operator, Structs} from "../src/Structs.sol";
import {Tensor} from "../src/Tensor.sol";
import {vm} from "./Vm.sol";

/// @title The referee is total, and hashes leave no memory changed behind them.
contract RefereeTest {
    Referee private immutable referee = new Referee();

    /// @notice Any code in any state has a successor, and needs no proof where nothing can be loaded.
    function test_everyInstructionHasAResult(uint64 instruction, uint8 pc, uint256[4] calldata seeds) external view {
        bytes memory state = _state(pc % 3, seeds);
        bytes memory code = abi.encodePacked(instruction, instruction ^ uint64(seeds[0]));
        Operator memory operator = Operator(keccak256(code), 1, 1, new uint256[](0));
        Frame memory frame;
        frame.operatorLeaf = this.leafOf(operator);
        frame.state = keccak256(state);
        Operand memory none;
        bytes32 next = referee.executeStep(frame, operator, state, code, none);
        if (pc % 3 == 2) vm.assertEq(next, keccak256(state));
    }

    /// @notice What costs most without a proof is still cheap: nothing in a step is unbounded.
    function test_stepsWithoutAProofAreCheap(uint64 instruction, uint256[4] calldata seeds) external view {
        bytes memory state = _state(255, seeds);
        bytes memory code = new bytes(2048);
        for (uint256 index = 0; index < 8; ++index) code[2040 + index] = bytes8(instruction)[index];
        Operator memory operator = Operator(keccak256(code), 1, 1, new uint256[](8));
        Frame memory frame;
        frame.operatorLeaf = this.leafOf(operator);
        frame.state = keccak256(state);
        Operand memory none;
        uint256 before = gasleft();
        referee.executeStep(frame, operator, state, code, none);
        vm.assertLe(before - gasleft(), 20_000, "gas");
    }

    /// @notice The opening works in memory that others use, and gives it back.
    function test_hashingLeavesMemoryAlone(bytes32[40] calldata seeds, uint8 words) external view {
        this.hashBetween(seeds, new bytes32[](words / 4 + 1));
    }

    function hashBetween(bytes32[40] calldata seeds, bytes32[] calldata list) external pure {
        bytes32[40] memory before = seeds;
        bytes32 first = Tensor.chunkHash(list[:1], 8, 0);
        bytes32 digest = Tensor.listHash(list, true);
        bytes32[40] memory later = seeds;
        vm.assertEq(keccak256(abi.encode(before)), keccak256(abi.encode(seeds)));
        vm.assertEq(keccak256(abi.encode(later)), keccak256(abi.encode(seeds)));
        vm.assertEq(first, Tensor.chunkHash(list[:1], 8, 0));
        vm.assertEq(digest, Tensor.listHash(list, true));
    }

    function test_blake3OfOneZeroWord() external view {
        // BLAKE3 of four zero bytes, by the reference implementation.
        bytes32[] memory entries = new bytes32[](1);
        vm.assertEq(
            referee.chunkHash(entries, 1, 0), 0xec2bd03bf86b935fa34d71ad7ebb049f1f10f87d343e521511d8f9e6625620cd
        );
    }

    function test_anOpeningIsRefusedWithAnotherIndexOrRoot(bytes32 leaf, bytes32 sibling) external {
        bytes32[] memory siblings = new bytes32[](1);
        siblings[0] = sibling;
        bytes32 root = Merkle.node(leaf, sibling);
        this.verify(root, leaf, 0, 2, siblings);
        vm.expectRevert(abi.encodeWithSelector(Merkle.LeafOutOfRange.selector, 2, 2));
        this.verify(root, leaf, 2, 2, siblings);
        vm.expectRevert(abi.encodeWithSelector(Merkle.WrongSiblingCount.selector, 1, 2));
        this.verify(root, leaf, 0, 3, siblings);
        vm.expectRevert(abi.encodeWithSelector(Merkle.WrongRoot.selector, root, ~root));
        this.verify(~root, leaf, 0, 2, siblings);
    }

    function leafOf(Operator calldata operator) external pure returns (bytes32) {
        return Structs.operatorLeaf(operator);
    }

    function verify(bytes32 root, bytes32 leaf, uint256 index, uint256 count, bytes32[] calldata siblings)
        external
        pure
    {
        Merkle.verify(root, leaf, index, count, siblings);
    }

    function _state(uint8 pc, uint256[4] calldata seeds) private pure returns (bytes memory) {
        return abi.encodePacked(uint32(pc), seeds[0], seeds[1], seeds[2], seeds[3]);
    }
}
