// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What the leaf of an operator binds.
/// @param code keccak256 of the microcode
/// @param instructions N: after exactly so many instructions r0 is the element's value; 0 reads as 1
/// @param words Length of the output
/// @param slots One for each operand, at most 8: bits 0-31 its words, 32-63 the index, 64-71 the kind (0 temporary,
/// 1 state, 2 constant), the rest zero
struct Operator {
    bytes32 code;
    uint32 instructions;
    uint32 words;
    uint256[] slots;
}

/// @notice M temporary operators, then T state operators, C constants.
/// @param ops Root over the leaves of all M+T operators
/// @param consts Root over the constants' BLAKE3 hashes
struct Program {
    uint24 temporaries;
    uint24 states;
    uint24 constants;
    bytes32 ops;
    bytes32 consts;
}

/// @notice The job's hash names program, genesis state, steps S >= 1 and the checkpoint interval 2^e.
struct JobTerms {
    bytes32 program;
    bytes32 genesis;
    uint32 steps;
    uint8 checkpointLog2;
}

/// @notice What the operators of one training step may read.
/// @param stateRoot Root over the T state tensors before the step
/// @param temporaryRoot Root over the M temporaries, as the solver has revealed them
/// @param constantRoot Root over the C constants
struct Sources {
    bytes32 stateRoot;
    bytes32 temporaryRoot;
    bytes32 constantRoot;
    uint24 temporaries;
    uint24 states;
    uint24 constants;
}

/// @title The hashes of structs: keccak256(abi.encode(TAG, fields...)). Never 64 or 132 bytes, so that no struct is
/// taken for a node of a tree or a machine state.
library Structs {
    bytes32 internal constant OPERATOR_TAG = keccak256("gensyn.operator/1");
    bytes32 internal constant PROGRAM_TAG = keccak256("gensyn.program/1");
    bytes32 internal constant JOB_TAG = keccak256("gensyn.job/1");
    bytes32 internal constant SOURCES_TAG = keccak256("gensyn.sources/1");

    function operatorLeaf(Operator calldata operator) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(OPERATOR_TAG, operator.code, operator.instructions, operator.words, operator.slots)
        );
    }

    function programHash(Program calldata program) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                PROGRAM_TAG, program.temporaries, program.states, program.constants, program.ops, program.consts
            )
        );
    }

    function jobHash(JobTerms memory job) internal pure returns (bytes32) {
        return keccak256(abi.encode(JOB_TAG, job.program, job.genesis, job.steps, job.checkpointLog2));
    }

    function sourcesHash(Sources memory sources) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SOURCES_TAG,
                sources.stateRoot,
                sources.temporaryRoot,
                sources.constantRoot,
                sources.temporaries,
                sources.states,
                sources.constants
            )
        );
    }
}
