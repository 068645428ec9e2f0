// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32} from "../src/Float32.sol";
import {vm} from "./Vm.sol";

/// @title Rules that hold for all bits. Values are compared with the TypeScript definition in test/contracts.
contract Float32Test {
    uint256 private constant SIGN = 0x80000000;

    function test_sumsAndProductsCommute(uint32 a, uint32 b) external pure {
        vm.assertEq(Float32.add(a, b), Float32.add(b, a));
        vm.assertEq(Float32.mul(a, b), Float32.mul(b, a));
        vm.assertEq(Float32.min(a, b), Float32.min(b, a));
        vm.assertEq(Float32.max(a, b), Float32.max(b, a));
    }

    function test_signsAreSymmetric(uint32 a, uint32 b, uint32 c) external pure {
        vm.assertEq(Float32.mul(a ^ SIGN, b), _negated(Float32.mul(a, b)));
        vm.assertEq(Float32.div(a, b ^ SIGN), _negated(Float32.div(a, b)));
        vm.assertEq(Float32.nearest(a ^ SIGN), _negated(Float32.nearest(a)));
        uint256 sum = Float32.fma(a, b, c);
        // An exact zero is +0 whatever the signs.
        if (sum & 0x7fffffff != 0) vm.assertEq(Float32.fma(a ^ SIGN, b, c ^ SIGN), _negated(sum));
    }

    function test_fmaIsTheProductOrTheSumWhereTheOtherIsExact(uint32 a, uint32 b) external pure {
        vm.assertEq(Float32.fma(a, 0x3f800000, b), Float32.add(a, b));
        uint256 product = Float32.mul(a, b);
        // Adding -0 changes nothing.
        vm.assertEq(Float32.fma(a, b, SIGN), product);
    }

    function test_resultsHave32BitsAndOneNaN(uint32 a, uint32 b, uint32 c) external pure {
        _assertProper(Float32.add(a, b));
        _assertProper(Float32.sub(a, b));
        _assertProper(Float32.mul(a, b));
        _assertProper(Float32.div(a, b));
        _assertProper(Float32.sqrt(a));
        _assertProper(Float32.fma(a, b, c));
        _assertProper(Float32.min(a, b));
        _assertProper(Float32.neg(a));
        _assertProper(Float32.abs(a));
        _assertProper(Float32.floor(a));
        _assertProper(Float32.nearest(a));
        _assertProper(Float32.fromInt(a));
        vm.assertLe(Float32.toInt(a), 0xffffffff, "32 bits");
    }

    function test_comparisonsAgree(uint32 a, uint32 b) external pure {
        uint256 isNaN = Float32.eq(a, a) & Float32.eq(b, b) ^ 1;
        // Exactly one of: below, equal, above, not ordered.
        vm.assertEq(Float32.lt(a, b) + Float32.eq(a, b) + Float32.lt(b, a) + isNaN, 1);
        vm.assertEq(Float32.le(a, b), Float32.lt(a, b) | Float32.eq(a, b));
    }

    function test_integersOf24BitsSurvive(uint24 a) external pure {
        vm.assertEq(Float32.toInt(Float32.fromInt(a)), a);
        vm.assertEq(Float32.floor(Float32.fromInt(a)), Float32.fromInt(a));
        vm.assertEq(Float32.nearest(Float32.fromInt(a)), Float32.fromInt(a));
    }

    function test_rootsOfSquaresAreExact(uint16 a) external pure {
        uint256 value = Float32.fromInt(a & 0xfff);
        vm.assertEq(Float32.sqrt(Float32.mul(value, value)), value);
    }

    function _assertProper(uint256 value) private pure {
        vm.assertLe(value, 0xffffffff, "32 bits");
        if (value & 0x7fffffff > 0x7f800000) vm.assertEq(value, 0x7fc00000);
    }

    function _negated(uint256 value) private pure returns (uint256) {
        return value == 0x7fc00000 ? value : value ^ SIGN;
    }
}
