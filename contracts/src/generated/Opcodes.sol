// SPDX-License-Identifier: MIT
// Written by scripts/contracts/generate-constants.ts from src/numerics/instructions.ts; do not edit.
pragma solidity 0.8.37;

/// @title The opcodes of the referee machine, arithmetic version 1.
library Opcodes {
    uint256 internal constant HALT = 0x00;
    uint256 internal constant LI = 0x01;
    uint256 internal constant MOV = 0x02;
    uint256 internal constant LOADF = 0x03;
    uint256 internal constant LOADI = 0x04;
    uint256 internal constant LOOP = 0x05;
    uint256 internal constant FADD = 0x10;
    uint256 internal constant FSUB = 0x11;
    uint256 internal constant FMUL = 0x12;
    uint256 internal constant FDIV = 0x13;
    uint256 internal constant FSQRT = 0x14;
    uint256 internal constant FMA = 0x15;
    uint256 internal constant FMIN = 0x16;
    uint256 internal constant FMAX = 0x17;
    uint256 internal constant FNEG = 0x18;
    uint256 internal constant FABS = 0x19;
    uint256 internal constant FFLOOR = 0x1a;
    uint256 internal constant FNEAREST = 0x1b;
    uint256 internal constant FEQ = 0x1c;
    uint256 internal constant FLT = 0x1d;
    uint256 internal constant FLE = 0x1e;
    uint256 internal constant IADD = 0x20;
    uint256 internal constant ISUB = 0x21;
    uint256 internal constant IMUL = 0x22;
    uint256 internal constant IMULHU = 0x23;
    uint256 internal constant IDIVU = 0x24;
    uint256 internal constant IREMU = 0x25;
    uint256 internal constant IAND = 0x26;
    uint256 internal constant IOR = 0x27;
    uint256 internal constant IXOR = 0x28;
    uint256 internal constant ISHL = 0x29;
    uint256 internal constant ISHRU = 0x2a;
    uint256 internal constant ISHRS = 0x2b;
    uint256 internal constant IROTL = 0x2c;
    uint256 internal constant IEQ = 0x2d;
    uint256 internal constant ILTS = 0x2e;
    uint256 internal constant ILTU = 0x2f;
    uint256 internal constant ITOF = 0x30;
    uint256 internal constant FTOI = 0x31;
    uint256 internal constant FBITS = 0x32;
    uint256 internal constant BITSF = 0x33;
    uint256 internal constant SELECT = 0x34;

    /// @dev Bit n is set where opcode n is a scalar instruction.
    uint256 internal constant SCALARS = 0x1fffff7fff0000;
    /// @dev Bit n is set where opcode n is a scalar instruction with three operands.
    uint256 internal constant TERNARIES = 0x10000000200000;
}
