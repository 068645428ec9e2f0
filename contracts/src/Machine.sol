// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";
import {Opcodes} from "./generated/Opcodes.sol";

/// @title The referee machine: 32 registers of 32 bits, a program counter, no memory, read-only operands.
/// @notice A state is 132 bytes: pc, r0 ... r31, each 32 bits big-endian. Every state has exactly one successor.
/// @dev An instruction is 64 bits: opcode, rd, ra, rb (a byte each), imm (32 bits). Register fields count modulo 32.
library Machine {
    uint256 internal constant STATE_BYTES = 132;
    uint256 internal constant MAX_CODE_BYTES = 2048;
    uint256 private constant IMMEDIATE = 0xff;
    uint256 private constant WORD = 0xffffffff;

    /// @notice The state before the first instruction: r0 the element, r1 the training step, all else 0.
    function start(uint32 element, uint32 step) internal pure returns (bytes memory state) {
        state = new bytes(STATE_BYTES);
        setRegister(state, 0, element);
        setRegister(state, 1, step);
    }

    /// @notice The instruction that a state stands before; at or beyond the end of the code `halt`, which is 0.
    /// @dev Bytes behind the last whole instruction are not executed.
    function fetch(bytes calldata code, bytes memory state) internal pure returns (uint256 instruction) {
        unchecked {
            uint256 position = programCounter(state);
            // INVARIANT: the position is below 2^32, so that this cannot overflow.
            if (8 * position + 8 > code.length) return 0;
            assembly ("memory-safe") {
                instruction := shr(192, calldataload(add(code.offset, shl(3, position))))
            }
        }
    }

    /// @notice Whether an instruction reads a word of an operand; then its slot and the word's index.
    function loadOf(bytes memory state, uint256 instruction)
        internal
        pure
        returns (bool isLoad, uint256 slot, uint256 index)
    {
        uint256 opcode = instruction >> 56;
        isLoad = opcode == Opcodes.LOADF || opcode == Opcodes.LOADI;
        slot = instruction & WORD;
        index = getRegister(state, instruction >> 40);
    }

    /// @notice Executes one instruction in place.
    /// @param loaded The word that a load reads (see `loadOf`); not used otherwise
    function execute(bytes memory state, uint256 instruction, uint256 loaded) internal pure {
        unchecked {
            uint256 opcode = instruction >> 56;
            uint256 result;
            if (Opcodes.SCALARS >> opcode & 1 == 1) {
                result = _scalar(state, opcode, instruction);
            } else if (opcode == Opcodes.LI) {
                result = instruction & WORD;
            } else if (opcode == Opcodes.MOV) {
                result = getRegister(state, instruction >> 40);
            } else if (opcode == Opcodes.LOADF) {
                result = Float32.canonical(loaded);
            } else if (opcode == Opcodes.LOADI) {
                result = loaded;
            } else if (opcode == Opcodes.LOOP) {
                _loop(state, instruction);
                return;
            } else {
                // halt and unknown opcodes step to themselves.
                return;
            }
            setRegister(state, instruction >> 48, result);
            _setProgramCounter(state, programCounter(state) + 1);
        }
    }

    function programCounter(bytes memory state) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := shr(224, mload(add(state, 0x20)))
        }
    }

    /// @param field The register's number in the low five bits; the rest is ignored
    function getRegister(bytes memory state, uint256 field) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(224, mload(add(add(state, 0x24), shl(2, and(field, 31)))))
        }
    }

    /// @param field The register's number in the low five bits; the rest is ignored
    /// @param value Below 2^32
    function setRegister(bytes memory state, uint256 field, uint256 value) internal pure {
        assembly ("memory-safe") {
            // What stands behind the four bytes is written back as it was.
            let where := add(add(state, 0x24), shl(2, and(field, 31)))
            mstore(where, or(shl(224, value), shr(32, shl(32, mload(where)))))
        }
    }

    function _setProgramCounter(bytes memory state, uint256 position) private pure {
        assembly ("memory-safe") {
            let where := add(state, 0x20)
            mstore(where, or(shl(224, position), shr(32, shl(32, mload(where)))))
        }
    }

    /// @dev rd := rd + 1; below imm (unsigned) the program goes on at rb.
    function _loop(bytes memory state, uint256 instruction) private pure {
        unchecked {
            uint256 count = (getRegister(state, instruction >> 48) + 1) & WORD;
            setRegister(state, instruction >> 48, count);
            bool isAgain = count < instruction & WORD;
            _setProgramCounter(state, isAgain ? instruction >> 32 & 0xff : programCounter(state) + 1);
        }
    }

    /// @dev Reads the operands of a scalar instruction: rb = 0xff stands for imm, but not where there are three.
    function _scalar(bytes memory state, uint256 opcode, uint256 instruction) private pure returns (uint256) {
        uint256 a = getRegister(state, instruction >> 40);
        uint256 rb = instruction >> 32 & 0xff;
        uint256 b = getRegister(state, rb);
        if (Opcodes.TERNARIES >> opcode & 1 == 1) {
            uint256 c = getRegister(state, instruction);
            if (opcode == Opcodes.FMA) return Float32.fma(a, b, c);
            return a != 0 ? b : c;
        }
        if (rb == IMMEDIATE) b = instruction & WORD;
        return opcode < Opcodes.IADD ? _float(opcode, a, b) : _integer(opcode, a, b);
    }

    function _float(uint256 opcode, uint256 a, uint256 b) private pure returns (uint256) {
        if (opcode < Opcodes.FMIN) {
            if (opcode == Opcodes.FADD) return Float32.add(a, b);
            if (opcode == Opcodes.FSUB) return Float32.sub(a, b);
            if (opcode == Opcodes.FMUL) return Float32.mul(a, b);
            if (opcode == Opcodes.FDIV) return Float32.div(a, b);
            return Float32.sqrt(a);
        }
        if (opcode == Opcodes.FMIN) return Float32.min(a, b);
        if (opcode == Opcodes.FMAX) return Float32.max(a, b);
        if (opcode == Opcodes.FNEG) return Float32.neg(a);
        if (opcode == Opcodes.FABS) return Float32.abs(a);
        if (opcode == Opcodes.FFLOOR) return Float32.floor(a);
        if (opcode == Opcodes.FNEAREST) return Float32.nearest(a);
        if (opcode == Opcodes.FEQ) return Float32.eq(a, b);
        if (opcode == Opcodes.FLT) return Float32.lt(a, b);
        return Float32.le(a, b);
    }

    function _integer(uint256 opcode, uint256 a, uint256 b) private pure returns (uint256 result) {
        unchecked {
            if (opcode < Opcodes.IAND) {
                if (opcode == Opcodes.IADD) return (a + b) & WORD;
                if (opcode == Opcodes.ISUB) return (a - b) & WORD;
                if (opcode == Opcodes.IMUL) return (a * b) & WORD;
                if (opcode == Opcodes.IMULHU) return (a * b) >> 32;
                // Division by zero gives 0, and so does its remainder.
                if (b == 0) return 0;
                return opcode == Opcodes.IDIVU ? a / b : a % b;
            }
            if (opcode < Opcodes.ISHL) {
                if (opcode == Opcodes.IAND) return a & b;
                return opcode == Opcodes.IOR ? a | b : a ^ b;
            }
            if (opcode < Opcodes.IEQ) return _shift(opcode, a, b & 31);
            if (opcode == Opcodes.IEQ) return a == b ? 1 : 0;
            // Adding 2^31 turns the signed order into the unsigned one.
            if (opcode == Opcodes.ILTS) return a ^ 0x80000000 < b ^ 0x80000000 ? 1 : 0;
            if (opcode == Opcodes.ILTU) return a < b ? 1 : 0;
            if (opcode == Opcodes.ITOF) return Float32.fromInt(a);
            if (opcode == Opcodes.FTOI) return Float32.toInt(a);
            // Both bit casts make a NaN canonical.
            return Float32.canonical(a);
        }
    }

    function _shift(uint256 opcode, uint256 a, uint256 count) private pure returns (uint256 result) {
        unchecked {
            if (opcode == Opcodes.ISHL) return (a << count) & WORD;
            if (opcode == Opcodes.ISHRU) return a >> count;
            if (opcode == Opcodes.IROTL) return ((a << count) | (a >> (32 - count))) & WORD;
            assembly ("memory-safe") {
                result := and(sar(count, signextend(3, a)), 0xffffffff)
            }
        }
    }
}
