// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Game, Leaf, Proof} from "../src/Game.sol";
import {Market} from "../src/Market.sol";
import {Merkle} from "../src/Merkle.sol";
import {Context, Position} from "../src/Position.sol";
import {Referee} from "../src/Referee.sol";
import {Program, Sources} from "../src/Structs.sol";
import {Tensor} from "../src/Tensor.sol";
import {Turns} from "../src/Turns.sol";
import {Play, Toy} from "./Toy.sol";
import {vm} from "./Vm.sol";

/// @title Games from the opening to the verdict, and every move that is refused.
contract GameTest is Toy {
    function test_aRightSolverWinsByProofAndTakesTheBond() external {
        Play memory play = _opened();
        _toProof(play, RIGHT);
        _prove(play);
        vm.assertEq(game.creditOf(address(0), SOLVER), CHALLENGER_BOND);
        vm.warp(block.timestamp + WINDOW + 1);
        game.finalize(1);
        vm.assertEq(game.creditOf(address(0), SOLVER), CHALLENGER_BOND + SOLVER_BOND + 3 ether);
        _expectEmpty();
    }

    function test_aWrongWordFallsByProof() external {
        Play memory play = _opened();
        _toProof(play, 8);
        _prove(play);
        _expectFallen(play);
    }

    function test_aChunkThatDoesNotHashToItsNodeIsRefuted() external {
        Play memory play = _opened();
        _toChunk(play, _entry(8));
        vm.prank(ANYBODY);
        game.refute(play.id, play.context, play.list);
        _expectFallen(play);
    }

    function test_aChunkThatFoldsCannotBeRefuted() external {
        Play memory play = _opened();
        _toChunk(play, _entry(RIGHT));
        vm.expectRevert(abi.encodeWithSelector(Game.Folds.selector, _tensor(RIGHT)));
        game.refute(play.id, play.context, play.list);
    }

    function test_paddingIsRefusedWhenItIsPosted() external {
        Play memory play = _opened();
        _toFoot(play);
        _toStepList(play, RIGHT);
        _select(play, CHALLENGER, 0);
        bytes32[] memory list = new bytes32[](1);
        list[0] = _entry(RIGHT) | bytes32(uint256(1));
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Tensor.NonZeroPadding.selector, list[0], 1));
        game.revealOperator(play.id, play.context, list, _program(), _op(), _path());
    }

    function test_whoeverIsSilentLoses() external {
        Play memory play = _opened();
        vm.warp(block.timestamp + CLOCK);
        vm.expectRevert(abi.encodeWithSelector(Market.TooEarly.selector, CLOCK, CLOCK));
        game.timeout(play.id);
        _reveal(play, _mids());
        vm.warp(block.timestamp + CLOCK + 1);
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(Turns.Late.selector, CLOCK + 1, CLOCK));
        game.select(play.id, play.context, play.list, 0);
        game.timeout(play.id);
        vm.assertEq(game.creditOf(address(0), SOLVER), CHALLENGER_BOND);
        vm.expectRevert(abi.encodeWithSelector(Turns.WrongTurn.selector, 3, 1));
        game.timeout(play.id);
    }

    function test_aSilentSolverFalls() external {
        Play memory play = _opened();
        vm.warp(block.timestamp + CLOCK + 1);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Turns.Late.selector, CLOCK + 1, CLOCK));
        game.reveal(play.id, play.context, _mids());
        game.timeout(play.id);
        _expectFallen(play);
    }

    /// @notice A side's time is counted over the whole game.
    function test_clocksAreSpent(uint16 first, uint16 second) external {
        Play memory play = _opened();
        vm.warp(block.timestamp + first % CLOCK);
        _reveal(play, _mids());
        vm.warp(block.timestamp + second % CLOCK);
        _select(play, CHALLENGER, 2);
        vm.assertEq(game.getGame(play.id).leftSolver, CLOCK - first % CLOCK);
        vm.assertEq(game.getGame(play.id).leftChallenger, CLOCK - second % CLOCK);
    }

    /// @notice After a reorganisation an answer to another choice is refused (protocol: stale moves).
    function test_staleMovesAreRefused() external {
        Play memory play = _opened();
        _reveal(play, _mids());
        Context memory before = play.context;
        bytes32[] memory list = play.list;
        bytes32[] memory other = _mids();
        other[0] = keccak256("another");
        vm.prank(CHALLENGER);
        vm.expectPartialRevert(Turns.Stale.selector);
        game.select(play.id, before, other, 0);
        _select(play, CHALLENGER, 3);
        Context memory elsewhere = this.narrowed(before, list, 1);
        bytes32 have = Position.hash(elsewhere);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Turns.Stale.selector, have, Position.hash(play.context)));
        game.revealStep(play.id, elsewhere, new bytes32[](1), _program());
    }

    function test_movesOutOfTurnAreRefused() external {
        Play memory play = _opened();
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(Turns.WrongTurn.selector, 1, 2));
        game.select(play.id, play.context, play.list, 0);
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongSender.selector, CHALLENGER, SOLVER));
        game.reveal(play.id, play.context, _mids());
        _reveal(play, _mids());
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongSender.selector, SOLVER, CHALLENGER));
        game.select(play.id, play.context, play.list, 0);
        vm.expectRevert(abi.encodeWithSelector(Position.WrongPhase.selector, 1));
        game.refute(play.id, play.context, play.list);
    }

    function test_movesOfAnotherPhaseAreRefused() external {
        Play memory play = _opened();
        bytes memory wrong = abi.encodeWithSelector(Position.WrongPhase.selector, 1);
        vm.expectRevert(wrong);
        game.prove(play.id, play.context, _proof(play));
        vm.prank(SOLVER);
        vm.expectRevert(wrong);
        game.revealStep(play.id, play.context, _mids(), _program());
        vm.prank(SOLVER);
        vm.expectRevert(wrong);
        game.revealOperator(play.id, play.context, _mids(), _program(), _op(), _path());
        vm.prank(SOLVER);
        vm.expectRevert(wrong);
        game.revealElement(play.id, play.context, _mids(), _op(), _state(2, RIGHT));
        _toFoot(play);
        vm.prank(SOLVER);
        vm.expectRevert(wrong);
        game.reveal(play.id, play.context, _mids());
    }

    function test_listsOfAnotherLengthAreRefused(uint8 length) external {
        Play memory play = _opened();
        bytes32[] memory list = new bytes32[](length == 3 ? 4 : length);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Position.WrongEntryCount.selector, list.length, 3));
        game.reveal(play.id, play.context, list);
    }

    function test_choicesBeyondTheListAreRefused() external {
        Play memory play = _opened();
        _reveal(play, _mids());
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(Position.BadIndex.selector, 4, 4));
        game.select(play.id, play.context, play.list, 4);
        _select(play, CHALLENGER, 0);
        _toStepList(play, RIGHT);
        vm.prank(CHALLENGER);
        vm.expectPartialRevert(Position.BadIndex.selector);
        game.select(play.id, play.context, play.list, 2);
    }

    /// @notice With all temporaries agreed the next state's tensors are in dispute.
    function test_theStateTreeFollowsTheTemporaries() external {
        Play memory play = _opened();
        _toFoot(play);
        _toStepList(play, RIGHT);
        _select(play, CHALLENGER, 1);
        vm.assertEq(Position.get(play.context, Position.A), 1);
        vm.assertEq(play.context.hi, keccak256("one"));
        vm.assertEq(game.getGame(play.id).h, Position.hash(play.context));
    }

    /// @notice The root of a posted list is that of the tree.
    function test_listsFoldLikeTrees(uint8 length, bytes32 seed) external view {
        bytes32[] memory list = new bytes32[](length % 33);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = keccak256(abi.encode(seed, i));
        }
        vm.assertEq(this.postedRoot(list), this.rootOf(list));
    }

    function rootOf(bytes32[] calldata list) external pure returns (bytes32) {
        return Merkle.root(list);
    }

    function postedRoot(bytes32[] calldata list) external pure returns (bytes32) {
        return Position.root(list);
    }

    function test_anotherProgramOperatorOrPathIsRefused() external {
        Play memory play = _opened();
        _toFoot(play);
        Program memory other = _program();
        other.temporaries = 2;
        vm.prank(SOLVER);
        vm.expectPartialRevert(Position.BadProof.selector);
        game.revealStep(play.id, play.context, new bytes32[](2), other);
        _toStepList(play, RIGHT);
        _select(play, CHALLENGER, 0);
        bytes32[] memory path = _path();
        path[0] = 0;
        vm.prank(SOLVER);
        vm.expectPartialRevert(Position.BadProof.selector);
        game.revealOperator(play.id, play.context, new bytes32[](1), _program(), _op(), path);
    }

    function test_theLastStateMustHoldTheWord() external {
        Play memory play = _opened();
        _toWord(play, RIGHT);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Game.WrongValue.selector, 8, 7));
        game.revealElement(play.id, play.context, new bytes32[](1), _op(), _state(2, 8));
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Game.WrongStateLength.selector, 131, 132));
        game.revealElement(play.id, play.context, new bytes32[](1), _op(), new bytes(131));
    }

    function test_aProofOfSomethingElseDecidesNothing() external {
        Play memory play = _opened();
        _toProof(play, 8);
        vm.expectPartialRevert(Referee.WrongState.selector);
        game.prove(play.id, play.context, Proof_.withState(_proof(play), _state(0, 0)));
        vm.warp(block.timestamp + CLOCK + 1);
        vm.expectRevert(abi.encodeWithSelector(Turns.Late.selector, CLOCK + 1, CLOCK));
        game.prove(play.id, play.context, _proof(play));
        game.timeout(play.id);
        _expectFallen(play);
    }

    /// @notice What the context has only the hash of must be what it is the hash of.
    function test_aProofWithOtherSourcesIsRefused() external {
        Play memory play = _opened();
        _toProof(play, 8);
        for (uint256 field = 0; field < 6; ++field) {
            Proof memory proof = _proof(play);
            // A copy: the proof shares the struct with the play.
            Sources memory right = play.sources;
            proof.sources = Sources(
                field == 0 ? bytes32(uint256(1)) : right.stateRoot,
                field == 1 ? bytes32(uint256(1)) : right.temporaryRoot,
                field == 2 ? bytes32(uint256(1)) : right.constantRoot,
                field == 3 ? 2 : right.temporaries,
                field == 4 ? 2 : right.states,
                field == 5 ? 2 : right.constants
            );
            vm.expectPartialRevert(Position.BadProof.selector);
            game.prove(play.id, play.context, proof);
        }
        _prove(play);
        _expectFallen(play);
    }

    /// @notice A place has one encoding: what stands above its numbers is part of the hash.
    function test_aPlaceWithBitsAboveItsNumbersIsStale() external {
        Play memory play = _opened();
        play.context.place |= 1 << 224;
        vm.prank(SOLVER);
        vm.expectPartialRevert(Turns.Stale.selector);
        game.reveal(play.id, play.context, _mids());
    }

    function test_openingsAreBoundToTheClaim() external {
        uint64 number = _claimed();
        bytes32 job = _jobHash();
        vm.deal(address(this), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(Market.Bond.selector, 1, CHALLENGER_BOND));
        game.open{value: 1}(number, job, _leaf(0), _leaf(1));
        vm.expectRevert(abi.encodeWithSelector(Game.WrongJob.selector, job, bytes32(0)));
        game.open{value: 1 ether}(number, 0, _leaf(0), _leaf(1));
        vm.expectRevert(abi.encodeWithSelector(Position.BadIndex.selector, 1, 1));
        game.open{value: 1 ether}(number, job, _leaf(1), _leaf(1));
        vm.expectRevert(abi.encodeWithSelector(Position.BadIndex.selector, 3, 3));
        game.open{value: 1 ether}(number, job, _leaf(1), Leaf(3, 0, new bytes32[](0)));
        for (uint32 index = 0; index < 3; ++index) {
            Leaf memory wrong = _leaf(index);
            wrong.root = keccak256("wrong");
            vm.expectPartialRevert(Position.BadProof.selector);
            game.open{value: 1 ether}(number, job, index == 0 ? wrong : _leaf(0), index == 0 ? _leaf(1) : wrong);
        }
        game.open{value: 1 ether}(number, job, _leaf(0), _leaf(1));
        vm.warp(block.timestamp + WINDOW);
        game.open{value: 1 ether}(number, job, _leaf(1), _leaf(2));
        vm.warp(block.timestamp + 1);
        vm.expectPartialRevert(Market.Window.selector);
        game.open{value: 1 ether}(number, job, _leaf(0), _leaf(1));
        vm.expectRevert(abi.encodeWithSelector(Market.NotLive.selector, 9, 0));
        game.open{value: 1 ether}(9, job, _leaf(0), _leaf(1));
    }

    /// @notice After a fall nothing but `collect` is left of the other games: no clock takes a bond any more.
    function test_aFallFreezesTheOtherGames() external {
        uint64 number = _claimed();
        Play memory first = _open(number, CHALLENGER);
        Play memory second = _open(number, ANYBODY);
        vm.expectRevert(abi.encodeWithSelector(Turns.NotFallen.selector, number, 1));
        game.collect(first.id);
        _reveal(second, _mids());
        vm.warp(block.timestamp + CLOCK + 1);
        game.timeout(first.id);
        vm.expectRevert(abi.encodeWithSelector(Market.NotLive.selector, number, 3));
        game.timeout(second.id);
        vm.prank(ANYBODY);
        vm.expectRevert(abi.encodeWithSelector(Market.NotLive.selector, number, 3));
        game.select(second.id, second.context, second.list, 0);
        game.collect(second.id);
        vm.assertEq(game.creditOf(address(0), ANYBODY), CHALLENGER_BOND + SOLVER_BOND / 4);
        _expectFallen(first);
    }

    /// @notice Half is burnt, and the rest is shared by moves: a cheat who opens games against himself loses most of it.
    function test_sharesGoByMovesInDifferentBlocks() external {
        uint64 number = _claimed();
        Play memory honest = _open(number, CHALLENGER);
        Play memory sock = _open(number, SOLVER);
        _toProof(honest, 8);
        // All of the sock's moves in one block count once.
        _reveal(sock, _mids());
        vm.prank(SOLVER);
        game.select(sock.id, sock.context, sock.list, 0);
        uint256 counted = game.getGame(sock.id).moves;
        vm.assertEq(counted, 2);
        vm.assertEq(game.getGame(honest.id).moves, 5);
        _prove(honest);
        game.collect(honest.id);
        game.collect(sock.id);
        uint256 pot = SOLVER_BOND / 2;
        vm.assertEq(game.creditOf(address(0), CHALLENGER), CHALLENGER_BOND + pot * 5 / 7);
        vm.assertEq(game.creditOf(address(0), SOLVER), CHALLENGER_BOND + pot - pot * 5 / 7);
        vm.expectRevert(abi.encodeWithSelector(Turns.WrongTurn.selector, 3, 3));
        game.collect(sock.id);
    }

    function _expectFallen(Play memory play) private {
        game.collect(play.id);
        vm.assertEq(game.getClaim(1).status, 3);
        vm.assertEq(game.getJob(1).status, 1);
        vm.assertEq(game.creditOf(address(0), game.BURN()), SOLVER_BOND / 2);
        vm.prank(CLIENT);
        game.cancel(1);
        _expectEmpty();
    }
}

library Proof_ {
    function withState(Proof memory proof, bytes memory state) internal pure returns (Proof memory) {
        proof.state = state;
        return proof;
    }
}
