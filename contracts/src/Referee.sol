// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Machine} from "./Machine.sol";
import {Merkle} from "./Merkle.sol";
import {Operator, Structs} from "./Structs.sol";
import {Tensor} from "./Tensor.sol";

/// @notice What a dispute has bound by the time it comes to one instruction.
/// @param operatorLeaf Hash of the operator whose element is disputed
/// @param state Hash of the machine state before the instruction
/// @param temporaryRoot Root over the hashes of the step's M temporaries, as far as both sides agree
/// @param stateRoot Root over the T state tensors before the step
/// @param constantRoot Root over the C constants
/// @param position The operator's number k of M+T; it may read temporaries below min(k, M)
struct Frame {
    bytes32 operatorLeaf;
    bytes32 state;
    bytes32 temporaryRoot;
    bytes32 stateRoot;
    bytes32 constantRoot;
    uint32 position;
    uint24 temporaries;
    uint24 states;
    uint24 constants;
}

/// @notice Proof of the word that a load reads. Not read where the instruction loads nothing, or 0 by definition.
/// @param tensor BLAKE3 hash of the operand
/// @param tensorSiblings Its siblings in the tree of temporaries, state tensors or constants
/// @param chunk The word's chunk, eight words an entry, zero behind the end
/// @param chunkSiblings The chunk's siblings in the operand
struct Operand {
    bytes32 tensor;
    bytes32[] tensorSiblings;
    bytes32[] chunk;
    bytes32[] chunkSiblings;
}

/// @title Executes one instruction of a training run, and hashes what a dispute posts of tensors.
/// @notice No storage, no owner, no money: all functions are pure. Gas is bounded: code has at most 2 KiB, an operator
/// at most 8 slots, a path at most as many siblings as its tree has levels, a chunk at most 32 entries.
contract Referee {
    uint256 private constant MAX_SLOTS = 8;
    uint256 private constant TEMPORARY = 0;
    uint256 private constant STATE = 1;
    uint256 private constant CONSTANT = 2;
    uint256 private constant MAX_LIST = 32;

    error CodeTooLong(uint256 have, uint256 limit);
    error TooManySlots(uint256 have, uint256 limit);
    error WrongStateLength(uint256 have, uint256 want);
    error WrongOperator(bytes32 have, bytes32 want);
    error WrongState(bytes32 have, bytes32 want);
    error WrongCode(bytes32 have, bytes32 want);
    error ListTooLong(uint256 have, uint256 limit);

    /// @notice The hash of the state after one instruction.
    /// @param frame What the dispute has bound
    /// @param operator Must hash to `frame.operatorLeaf`
    /// @param state 132 bytes, must hash to `frame.state`
    /// @param code Must hash to `operator.code`
    /// @param operand Proof of the word that the instruction loads, if it loads one
    function executeStep(
        Frame calldata frame,
        Operator calldata operator,
        bytes calldata state,
        bytes calldata code,
        Operand calldata operand
    ) external pure returns (bytes32 nextState) {
        _checkBound(frame, operator, state, code);
        bytes memory machine = state;
        uint256 instruction = Machine.fetch(code, machine);
        (bool isLoad, uint256 slot, uint256 index) = Machine.loadOf(machine, instruction);
        uint256 loaded = isLoad ? _load(frame, operator.slots, operand, slot, index) : 0;
        Machine.execute(machine, instruction, loaded);
        return keccak256(machine);
    }

    /// @notice The node of a chunk given as a list; the tensor's hash where there is only one chunk.
    /// @param words Length of the tensor
    /// @param chunk Number of the chunk
    function chunkHash(bytes32[] calldata entries, uint32 words, uint32 chunk) external pure returns (bytes32) {
        return Tensor.chunkHash(entries, words, chunk);
    }

    /// @notice The node that a list of at most 32 neighbouring nodes of a tensor folds to.
    /// @param isRoot The node is the whole tensor
    function listHash(bytes32[] calldata nodes, bool isRoot) external pure returns (bytes32) {
        if (nodes.length > MAX_LIST) revert ListTooLong(nodes.length, MAX_LIST);
        return Tensor.listHash(nodes, isRoot);
    }

    function _checkBound(Frame calldata frame, Operator calldata operator, bytes calldata state, bytes calldata code)
        private
        pure
    {
        // INVARIANT: lengths come first, so that nothing unbounded is hashed or copied.
        if (code.length > Machine.MAX_CODE_BYTES) revert CodeTooLong(code.length, Machine.MAX_CODE_BYTES);
        if (operator.slots.length > MAX_SLOTS) revert TooManySlots(operator.slots.length, MAX_SLOTS);
        if (state.length != Machine.STATE_BYTES) revert WrongStateLength(state.length, Machine.STATE_BYTES);
        bytes32 have = Structs.operatorLeaf(operator);
        if (have != frame.operatorLeaf) revert WrongOperator(have, frame.operatorLeaf);
        have = keccak256(state);
        if (have != frame.state) revert WrongState(have, frame.state);
        have = keccak256(code);
        if (have != operator.code) revert WrongCode(have, operator.code);
    }

    /// @dev A slot that does not exist, a source that the operator may not read and an index beyond the operand's end
    /// give 0 without a proof; everything else needs one.
    function _load(
        Frame calldata frame,
        uint256[] calldata slots,
        Operand calldata operand,
        uint256 slot,
        uint256 index
    ) private pure returns (uint256) {
        unchecked {
            if (slot >= slots.length) return 0;
            uint256 packed = slots[slot];
            uint256 words = packed & 0xffffffff;
            uint256 source = (packed >> 32) & 0xffffffff;
            (bytes32 root, uint256 count, uint256 readable) = _source(frame, packed >> 64);
            if (source >= readable || index >= words) return 0;
            Merkle.verify(root, operand.tensor, source, count, operand.tensorSiblings);
            return Tensor.openWord(operand.tensor, words, index, operand.chunk, operand.chunkSiblings);
        }
    }

    /// @return root Over the hashes of all tensors of a kind
    /// @return count How many there are
    /// @return readable How many of them, from the first on, the operator may read; none of an unknown kind
    function _source(Frame calldata frame, uint256 kind)
        private
        pure
        returns (bytes32 root, uint256 count, uint256 readable)
    {
        if (kind == TEMPORARY) {
            count = frame.temporaries;
            // INVARIANT: an operator reads only what earlier operators of the same step have written.
            return (frame.temporaryRoot, count, frame.position < count ? frame.position : count);
        }
        if (kind == STATE) return (frame.stateRoot, frame.states, frame.states);
        if (kind == CONSTANT) return (frame.constantRoot, frame.constants, frame.constants);
    }
}
