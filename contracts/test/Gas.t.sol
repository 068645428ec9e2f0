// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Blake3} from "../src/Blake3.sol";
import {Float32} from "../src/Float32.sol";
import {Tensor} from "../src/Tensor.sol";
import {vm} from "./Vm.sol";

/// @title Gas of what a dispute is made of. `snapshots/*.json` hold the numbers, FORGE_SNAPSHOT_CHECK=true compares.
contract GasTest {
    uint256 private constant FLOAT_LIMIT = 700;
    /// @dev Two operations in one, rounded once.
    uint256 private constant FMA_LIMIT = 950;
    uint256 private constant COMPRESSION_LIMIT = 6200;

    /// @dev Every binary operation has the type of this; the others are wrapped.
    function _measure(string memory name, function(uint256, uint256) internal pure returns (uint256) operation)
        private
    {
        uint32[18] memory words = _words();
        uint256 worst = 0;
        for (uint256 left = 0; left < words.length; ++left) {
            for (uint256 right = 0; right < words.length; ++right) {
                uint256 a = words[left];
                uint256 b = words[right];
                uint256 before = gasleft();
                operation(a, b);
                uint256 used = before - gasleft();
                if (used > worst) worst = used;
            }
        }
        vm.snapshotValue("Float32", name, worst);
        vm.assertLe(worst, FLOAT_LIMIT, name);
    }

    function _measureFma() private {
        uint32[18] memory words = _words();
        uint256 worst = 0;
        for (uint256 row = 0; row < 18 * 18 * 18; ++row) {
            uint256 a = words[row % 18];
            uint256 b = words[(row / 18) % 18];
            uint256 c = words[row / 324];
            uint256 before = gasleft();
            Float32.fma(a, b, c);
            uint256 used = before - gasleft();
            if (used > worst) worst = used;
        }
        vm.snapshotValue("Float32", "fma", worst);
        vm.assertLe(worst, FMA_LIMIT, "fma");
    }

    function test_everyFloatOperationCostsAtMost700() external {
        _measure("add", Float32.add);
        _measure("sub", Float32.sub);
        _measure("mul", Float32.mul);
        _measure("div", Float32.div);
        _measure("sqrt", _sqrt);
        _measureFma();
        _measure("min", Float32.min);
        _measure("max", Float32.max);
        _measure("neg", _neg);
        _measure("abs", _abs);
        _measure("floor", _floor);
        _measure("nearest", _nearest);
        _measure("eq", Float32.eq);
        _measure("lt", Float32.lt);
        _measure("le", Float32.le);
        _measure("fromInt", _fromInt);
        _measure("toInt", _toInt);
        _measure("canonical", _canonical);
    }

    function test_compressionsOfBlake3() external {
        bytes32[] memory chunk = new bytes32[](32);
        uint256 all = this.gasOfChunk(chunk, 1024);
        bytes32[] memory block_ = new bytes32[](2);
        uint256 one = this.gasOfChunk(block_, 64);
        _report("chunk block", (all - one) / 15);
        vm.snapshotValue("Blake3", "list of 32", this.gasOfList(chunk));
        vm.snapshotValue("Blake3", "chunk", all);
    }

    function test_openingOfAWordInOneGibibyte() external {
        bytes32[] memory chunk = new bytes32[](32);
        uint256 one = this.gasOfClimb(256, chunk, new bytes32[](0));
        uint256 all = this.gasOfClimb(2 ** 28, chunk, new bytes32[](20));
        vm.snapshotValue("Blake3", "word of 1 GiB", all);
        _report("parent", (all - one) / 20);
    }

    function gasOfChunk(bytes32[] calldata entries, uint256 byteLength) external view returns (uint256) {
        uint256 before = gasleft();
        uint256 saved = Blake3.borrow();
        Blake3.chunkNode(entries, byteLength, 0, false);
        Blake3.giveBack(saved);
        return before - gasleft();
    }

    function gasOfList(bytes32[] calldata nodes) external view returns (uint256) {
        uint256 before = gasleft();
        Tensor.listHash(nodes, true);
        return before - gasleft();
    }

    function gasOfClimb(uint256 words, bytes32[] calldata entries, bytes32[] calldata siblings)
        external
        view
        returns (uint256)
    {
        uint256 before = gasleft();
        Tensor.climb(words, words / 256 - 1, entries, siblings);
        return before - gasleft();
    }

    function _report(string memory name, uint256 gas) private {
        vm.snapshotValue("Blake3", name, gas);
        vm.assertLe(gas, COMPRESSION_LIMIT, name);
    }

    function _words() private pure returns (uint32[18] memory) {
        return [
            0, 0x80000000, 1, 0x807fffff, 0x00800000, 0x3f800000, 0xbf800001, 0x3f7fffff, 0x4b000001, 0x4e123457,
            0xcf000000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x3effffff, 0xc0490fdb
        ];
    }

    function _sqrt(uint256 a, uint256) private pure returns (uint256) {
        return Float32.sqrt(a);
    }

    function _neg(uint256 a, uint256) private pure returns (uint256) {
        return Float32.neg(a);
    }

    function _abs(uint256 a, uint256) private pure returns (uint256) {
        return Float32.abs(a);
    }

    function _floor(uint256 a, uint256) private pure returns (uint256) {
        return Float32.floor(a);
    }

    function _nearest(uint256 a, uint256) private pure returns (uint256) {
        return Float32.nearest(a);
    }

    function _fromInt(uint256 a, uint256) private pure returns (uint256) {
        return Float32.fromInt(a);
    }

    function _toInt(uint256 a, uint256) private pure returns (uint256) {
        return Float32.toInt(a);
    }

    function _canonical(uint256 a, uint256) private pure returns (uint256) {
        return Float32.canonical(a);
    }
}
