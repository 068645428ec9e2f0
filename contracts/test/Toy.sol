// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Game, Leaf, Proof} from "../src/Game.sol";
import {Limits, Terms} from "../src/Market.sol";
import {Machine} from "../src/Machine.sol";
import {Merkle} from "../src/Merkle.sol";
import {Context, Position} from "../src/Position.sol";
import {Operand, Referee} from "../src/Referee.sol";
import {Operator, Program, Sources, Structs} from "../src/Structs.sol";
import {Opcodes} from "../src/generated/Opcodes.sol";
import {vm} from "./Vm.sol";

/// @notice A game as a player sees it.
struct Play {
    uint64 id;
    Context context;
    bytes32[] list;
    /// @dev Of the disputed step, once it is entered.
    Sources sources;
}

/// @title A job of four steps whose only temporary is one word, 7, made by two instructions; and moves on it.
/// @notice State roots are made up: no game gets below a step in a way that would open them.
abstract contract Toy {
    uint32 internal constant CLOCK = 1000;
    uint32 internal constant WINDOW = 5000;
    uint32 internal constant TRAIN_TIME = 3000;
    uint32 internal constant RIGHT = 7;
    uint256 internal constant BASE_FEE = 1 gwei;
    uint256 internal constant CHALLENGER_BOND = 4 * 1_600_000 * BASE_FEE;
    uint256 internal constant SOLVER_BOND = 20 * 1_600_000 * BASE_FEE;
    bytes32 internal constant GENESIS = keccak256("genesis");
    bytes32 internal constant MIDDLE = keccak256("middle");
    bytes32 internal constant FINAL = keccak256("final");
    address internal constant CLIENT = address(0xc11e);
    address internal constant SOLVER = address(0x501e);
    address internal constant CHALLENGER = address(0xca11);
    address internal constant ANYBODY = address(0xa11);

    Referee internal referee;
    Game internal game;

    function setUp() public virtual {
        vm.fee(BASE_FEE);
        referee = new Referee();
        game = new Game(referee, Limits(600, 1200, 1_600_000, 1_500_000, 50));
        address[4] memory accounts = [CLIENT, SOLVER, CHALLENGER, ANYBODY];
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.deal(accounts[i], 1000 ether);
        }
    }

    function _terms() internal view returns (Terms memory) {
        uint40 openUntil = uint40(block.timestamp + 100_000);
        return Terms(
            Structs_.programHash(_program()),
            GENESIS,
            address(0),
            4,
            WINDOW,
            CLOCK,
            3 ether,
            0,
            TRAIN_TIME,
            openUntil,
            1
        );
    }

    function _code() internal pure returns (bytes memory) {
        // li r0, 7; mov r2, r0
        return abi.encodePacked(
            uint8(Opcodes.LI), uint24(0), uint32(RIGHT), uint8(Opcodes.MOV), uint8(2), uint16(0), uint32(0)
        );
    }

    function _op() internal pure returns (Operator memory) {
        return Operator(keccak256(_code()), 2, 1, new uint256[](0));
    }

    function _program() internal pure returns (Program memory) {
        return Program(1, 1, 0, Merkle.node(Structs_.operatorLeaf(_op()), keccak256("state operator")), 0);
    }

    function _post() internal returns (uint64) {
        Terms memory terms = _terms();
        vm.prank(CLIENT);
        return game.post{value: 3 ether}(terms);
    }

    function _take(uint64 job) internal {
        bytes32 terms = game.termsHash(job);
        vm.prank(SOLVER);
        game.take{value: SOLVER_BOND}(job, terms);
    }

    function _claim(uint64 job) internal returns (uint64) {
        vm.prank(SOLVER);
        return game.claim(job, FINAL, _traceRoot());
    }

    function _claimed() internal returns (uint64) {
        uint64 job = _post();
        _take(job);
        return _claim(job);
    }

    function _traceRoot() internal pure returns (bytes32) {
        return Merkle.node(Merkle.node(GENESIS, MIDDLE), FINAL);
    }

    function _leaf(uint32 index) internal pure returns (Leaf memory) {
        if (index == 0) return Leaf(0, GENESIS, new bytes32[](0));
        if (index == 2) return Leaf(2, FINAL, new bytes32[](0));
        bytes32[] memory path = new bytes32[](2);
        (path[0], path[1]) = (GENESIS, FINAL);
        return Leaf(1, MIDDLE, path);
    }

    function _jobHash() internal view returns (bytes32) {
        return game.jobHash(1);
    }

    /// @dev Over the whole run, by `who`.
    function _open(uint64 number, address who) internal returns (Play memory play) {
        bytes32 job = _jobHash();
        vm.prank(who);
        play.id = game.open{value: CHALLENGER_BOND}(number, job, _leaf(0), _leaf(2));
        play.context = Context(Position.placeOf(Position.RUN, 0, 4), GENESIS, FINAL, 0, 0);
    }

    function _opened() internal returns (Play memory) {
        return _open(_claimed(), CHALLENGER);
    }

    function _reveal(Play memory play, bytes32[] memory list) internal {
        vm.prank(SOLVER);
        game.reveal(play.id, play.context, list);
        (play.context, play.list) = (this.posted(play.context, list), list);
    }

    function _select(Play memory play, address who, uint256 index) internal {
        vm.roll(block.number + 1);
        vm.prank(who);
        game.select(play.id, play.context, play.list, index);
        play.context = this.narrowed(play.context, play.list, index);
        play.list = new bytes32[](0);
    }

    /// @dev From the opening to the first step.
    function _toFoot(Play memory play) internal {
        _reveal(play, _mids());
        _select(play, CHALLENGER, 0);
    }

    function _toStepList(Play memory play, uint32 word) internal {
        bytes32[] memory list = new bytes32[](1);
        list[0] = _tensor(word);
        vm.prank(SOLVER);
        game.revealStep(play.id, play.context, list, _program());
        Context memory next = play.context;
        uint256 step = Position.get(next, Position.A);
        next.place = Position.placeOf(Position.STEP, 0, 1);
        Position.set(next, Position.STEP_NUMBER, step);
        Position.set(next, Position.VALUE, 1);
        play.sources = Sources(next.lo, list[0], 0, 1, 1, 0);
        (next.lo, next.sources) = (0, Structs.sourcesHash(play.sources));
        play.list = list;
    }

    /// @dev `chunk` is what is posted as the tensor's only chunk.
    function _toChunk(Play memory play, bytes32 chunk) internal {
        _toFoot(play);
        _toStepList(play, RIGHT);
        _select(play, CHALLENGER, 0);
        _revealChunk(play, chunk);
    }

    function _revealChunk(Play memory play, bytes32 chunk) internal {
        bytes32[] memory list = new bytes32[](1);
        list[0] = chunk;
        vm.prank(SOLVER);
        game.revealOperator(play.id, play.context, list, _program(), _op(), _path());
        Context memory next = play.context;
        Position.enter(next, Position.TENSOR, 1);
        Position.set(next, Position.VALUE, 1);
        next.opLeaf = Structs_.operatorLeaf(_op());
        play.list = list;
    }

    function _toWord(Play memory play, uint32 word) internal {
        _toChunk(play, _entry(word));
        _select(play, CHALLENGER, 0);
    }

    /// @dev The solver says that the last of both instructions leaves `word`.
    function _toMachine(Play memory play, uint32 word) internal {
        _toWord(play, word);
        _revealElement(play, word);
    }

    function _revealElement(Play memory play, uint32 word) internal {
        bytes32[] memory list = new bytes32[](1);
        list[0] = keccak256(_state(1, RIGHT));
        bytes memory last = _state(2, word);
        vm.prank(SOLVER);
        game.revealElement(play.id, play.context, list, _op(), last);
        Context memory next = play.context;
        Position.enter(next, Position.MACHINE, 2);
        (next.lo, next.hi) = (keccak256(_state(0, 0)), keccak256(last));
        play.list = list;
    }

    /// @dev To the proof of the second instruction.
    function _toProof(Play memory play, uint32 word) internal {
        _toMachine(play, word);
        _select(play, CHALLENGER, 1);
    }

    function _prove(Play memory play) internal {
        vm.prank(ANYBODY);
        game.prove(play.id, play.context, _proof(play));
    }

    function _proof(Play memory play) internal pure returns (Proof memory proof) {
        proof.sources = play.sources;
        (proof.operator, proof.state, proof.code) = (_op(), _state(1, RIGHT), _code());
    }

    function _mids() internal pure returns (bytes32[] memory list) {
        list = new bytes32[](3);
        (list[0], list[1], list[2]) = (keccak256("one"), MIDDLE, keccak256("three"));
    }

    function _path() internal pure returns (bytes32[] memory path) {
        path = new bytes32[](1);
        path[0] = keccak256("state operator");
    }

    function _entry(uint32 word) internal pure returns (bytes32) {
        uint32 swapped = (word >> 24) | ((word >> 8) & 0xff00) | ((word & 0xff00) << 8) | (word << 24);
        return bytes32(bytes4(swapped));
    }

    function _tensor(uint32 word) internal view returns (bytes32) {
        bytes32[] memory list = new bytes32[](1);
        list[0] = _entry(word);
        return referee.chunkHash(list, 1, 0);
    }

    /// @dev After `pc` instructions, with `word` in r0.
    function _state(uint32 pc, uint32 word) internal pure returns (bytes memory state) {
        state = abi.encodePacked(pc, word, new bytes(124));
        if (pc == 2) Machine.setRegister(state, 2, RIGHT);
    }

    function posted(Context memory context, bytes32[] calldata list) external pure returns (Context memory) {
        Position.post(context, list);
        return context;
    }

    function narrowed(Context memory context, bytes32[] calldata list, uint256 index)
        external
        pure
        returns (Context memory)
    {
        Position.narrow(context, list, index);
        return context;
    }

    function _withdraw(address account) internal {
        if (game.creditOf(address(0), account) == 0) return;
        vm.prank(account);
        game.withdraw(address(0), account);
    }

    /// @dev Everybody takes out what is his; nothing may be left.
    function _expectEmpty() internal {
        address[4] memory accounts = [CLIENT, SOLVER, CHALLENGER, ANYBODY];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _withdraw(accounts[i]);
        }
        if (game.creditOf(address(0), game.BURN()) != 0) game.burn();
        vm.assertEq(address(game).balance, 0, "stuck");
    }
}

/// @dev The hashes of structs that lie in memory.
library Structs_ {
    function operatorLeaf(Operator memory operator) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(Structs.OPERATOR_TAG, operator.code, operator.instructions, operator.words, operator.slots)
        );
    }

    function programHash(Program memory program) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                Structs.PROGRAM_TAG, program.temporaries, program.states, program.constants, program.ops, program.consts
            )
        );
    }
}
