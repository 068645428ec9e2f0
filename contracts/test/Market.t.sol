// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Game} from "../src/Game.sol";
import {Ledger} from "../src/Ledger.sol";
import {Limits, Market, Terms} from "../src/Market.sol";
import {TestReceiver, TestToken} from "./Tokens.sol";
import {Play, Toy} from "./Toy.sol";
import {vm} from "./Vm.sol";

/// @title Jobs, bonds and rewards: every function, every refusal, and what hostile tokens and receivers can do.
contract MarketTest is Toy {
    function test_aRightSolverIsPaid() external {
        uint64 number = _claimed();
        vm.warp(block.timestamp + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(Market.TooEarly.selector, block.timestamp, block.timestamp));
        game.finalize(number);
        vm.warp(block.timestamp + 1);
        game.finalize(number);
        vm.assertEq(game.creditOf(address(0), SOLVER), SOLVER_BOND + 3 ether);
        vm.expectRevert(abi.encodeWithSelector(Market.NotLive.selector, number, 2));
        game.finalize(number);
        _expectEmpty();
    }

    function test_noClaimStandsWhileAGameIsOpen() external {
        Play memory play = _opened();
        vm.warp(block.timestamp + CLOCK);
        _reveal(play, _mids());
        vm.warp(block.timestamp + CLOCK);
        _select(play, CHALLENGER, 0);
        vm.warp(block.timestamp + WINDOW);
        vm.expectRevert(abi.encodeWithSelector(Market.GamesOpen.selector, 1, 1));
        game.finalize(1);
    }

    function test_whoTakesAndDoesNotClaimLosesHalf() external {
        uint64 job = _post();
        _take(job);
        vm.warp(block.timestamp + TRAIN_TIME);
        vm.expectRevert(abi.encodeWithSelector(Market.TooEarly.selector, block.timestamp, block.timestamp));
        game.expire(job);
        vm.warp(block.timestamp + 1);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Market.Window.selector, block.timestamp, block.timestamp - 1));
        game.claim(job, FINAL, _traceRoot());
        game.expire(job);
        vm.assertEq(game.creditOf(address(0), SOLVER), SOLVER_BOND / 2);
        // The job is open again, for anybody.
        _take(job);
        _claim(job);
        vm.warp(block.timestamp + WINDOW + 1);
        game.finalize(1);
        _expectEmpty();
    }

    function test_offersEndByTheirClientOrByTime() external {
        uint64 first = _post();
        uint64 second = _post();
        vm.expectRevert(abi.encodeWithSelector(Market.WrongSender.selector, address(this), CLIENT));
        game.cancel(first);
        vm.prank(CLIENT);
        game.cancel(first);
        uint256 until = game.getJob(second).terms.openUntil;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(Market.TooEarly.selector, until, until));
        game.expire(second);
        vm.warp(until + 1);
        bytes32 terms = game.termsHash(second);
        vm.deal(address(this), SOLVER_BOND);
        vm.expectRevert(abi.encodeWithSelector(Market.Window.selector, until + 1, until));
        game.take{value: SOLVER_BOND}(second, terms);
        game.expire(second);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongStatus.selector, 4, 2));
        game.expire(second);
        vm.assertEq(game.creditOf(address(0), CLIENT), 6 ether);
        _expectEmpty();
    }

    /// @notice Only who has taken a job may claim: roots from the mempool are of no use.
    function test_claimsCannotBeStolen() external {
        uint64 job = _post();
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongStatus.selector, 1, 2));
        game.claim(job, FINAL, _traceRoot());
        _take(job);
        vm.prank(ANYBODY);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongSender.selector, ANYBODY, SOLVER));
        game.claim(job, FINAL, _traceRoot());
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongStatus.selector, 2, 1));
        game.cancel(job);
    }

    function test_bondsFollowTheBaseFeeAndTheClient(uint32 gwei_, uint64 minBond) external {
        vm.fee(uint256(gwei_) * 1 gwei);
        Terms memory terms = _terms();
        (terms.minBond, terms.reward) = (minBond, 0);
        uint64 job = game.post(terms);
        uint256 games = 20 * 1_600_000 * uint256(gwei_) * 1 gwei;
        uint256 want = games > minBond ? games : minBond;
        vm.assertEq(game.solverBond(job), want);
        if (want == 0) return;
        bytes32 hash = game.termsHash(job);
        vm.deal(address(this), want);
        vm.expectRevert(abi.encodeWithSelector(Market.Bond.selector, want - 1, want));
        game.take{value: want - 1}(job, hash);
        game.take{value: want}(job, hash);
    }

    function test_termsThatDecideAGameAreRefused() external {
        for (uint256 trap = 0; trap < 7; ++trap) {
            Terms memory terms = _terms();
            terms.reward = 0;
            if (trap == 0) terms.steps = 0;
            if (trap == 1) terms.clock = 599;
            if (trap == 2) terms.window = 1199;
            if (trap == 3) terms.trainTime = 599;
            if (trap == 4) terms.checkpointLog2 = 32;
            if (trap == 5) terms.openUntil = uint40(block.timestamp - 1);
            if (trap == 6) terms.reward = 1;
            vm.expectPartialRevert(Market.BadTerms.selector);
            game.post(terms);
        }
        vm.expectPartialRevert(Market.BadTerms.selector);
        new Game(referee, Limits(1, 1, 1, 1, 101));
    }

    /// @notice A job's number may change in a reorganisation; its terms say which one was meant.
    function test_takingNamesTheTerms() external {
        uint64 job = _post();
        bytes32 terms = game.termsHash(job);
        vm.expectRevert(abi.encodeWithSelector(Market.WrongTerms.selector, terms, bytes32(0)));
        game.take(job, 0);
    }

    function test_tokensAreCreditedAsTheyArrive() external {
        uint128[4] memory arrive = [uint128(1000), 900, 1000, 1000];
        for (uint8 kind = 0; kind < 3; ++kind) {
            (TestToken token, uint64 job) = _postToken(TestToken.Kind(kind));
            vm.assertEq(game.getJob(job).terms.reward, arrive[kind]);
            vm.prank(CLIENT);
            game.cancel(job);
            vm.prank(CLIENT);
            game.withdraw(address(token), CLIENT);
            vm.assertEq(token.balanceOf(address(game)), 0);
        }
    }

    function test_tokensThatFailPayForNothing() external {
        TestToken.Kind[3] memory kinds = [TestToken.Kind.False, TestToken.Kind.Reverting, TestToken.Kind.Boastful];
        for (uint256 i = 0; i < 3; ++i) {
            TestToken token = new TestToken(kinds[i]);
            token.mint(CLIENT, 1000);
            Terms memory terms = _tokenTerms(address(token));
            vm.prank(CLIENT);
            vm.expectPartialRevert(i == 2 ? Ledger.TooMuchArrived.selector : Ledger.TransferFailed.selector);
            game.post(terms);
            terms.token = address(token);
        }
    }

    /// @notice A token that stops paying freezes nobody's bond.
    function test_aTokenThatStopsPayingFreezesNoBond() external {
        (TestToken token, uint64 job) = _postToken(TestToken.Kind.Normal);
        _take(job);
        _claim(job);
        token.setKind(TestToken.Kind.Reverting);
        vm.warp(block.timestamp + WINDOW + 1);
        game.finalize(1);
        vm.prank(SOLVER);
        vm.expectPartialRevert(Ledger.TransferFailed.selector);
        game.withdraw(address(token), SOLVER);
        _expectEmpty();
        // It is still his, should the token come to its senses.
        token.setKind(TestToken.Kind.Normal);
        vm.prank(SOLVER);
        game.withdraw(address(token), SOLVER);
        vm.assertEq(token.balanceOf(SOLVER), 1000);
    }

    function test_tokensThatCallBackGetNothing() external {
        (TestToken token, uint64 job) = _postToken(TestToken.Kind.Normal);
        token.setKind(TestToken.Kind.Reentrant);
        token.mint(address(token), 1000);
        Terms memory terms = _tokenTerms(address(token));
        token.prepare(game, abi.encodeCall(game.post, (terms)));
        token.mint(CLIENT, 1000);
        vm.prank(CLIENT);
        game.post(terms);
        token.prepare(game, abi.encodeCall(game.withdraw, (address(token), address(token))));
        vm.prank(CLIENT);
        game.cancel(job);
        vm.prank(CLIENT);
        game.withdraw(address(token), CLIENT);
        vm.assertTrue(!token.isBroken(), "re-entered");
        vm.assertEq(token.balanceOf(address(game)), 1000);
    }

    function test_receiversThatCallBackGetTheirsOnce() external {
        TestReceiver receiver = new TestReceiver(game, false);
        _postAndCancel(receiver);
        _post();
        receiver.withdraw(address(receiver));
        vm.assertTrue(!receiver.isBroken(), "re-entered");
        vm.assertEq(address(receiver).balance, 3 ether);
        vm.assertEq(address(game).balance, 3 ether);
    }

    function test_receiversThatRefuseMayNameAnother() external {
        TestReceiver receiver = new TestReceiver(game, true);
        _postAndCancel(receiver);
        vm.expectPartialRevert(Ledger.TransferFailed.selector);
        receiver.withdraw(address(receiver));
        receiver.withdraw(ANYBODY);
        vm.expectPartialRevert(Ledger.NothingToWithdraw.selector);
        receiver.withdraw(ANYBODY);
        vm.assertEq(ANYBODY.balance, 1003 ether);
    }

    function _postAndCancel(TestReceiver receiver) private {
        Terms memory terms = _terms();
        vm.deal(address(this), 3 ether);
        receiver.cancel(receiver.post{value: 3 ether}(terms));
    }

    function _tokenTerms(address token) private view returns (Terms memory terms) {
        terms = _terms();
        (terms.token, terms.reward) = (token, 1000);
    }

    function _postToken(TestToken.Kind kind) private returns (TestToken token, uint64 job) {
        token = new TestToken(kind);
        token.mint(CLIENT, 1000);
        Terms memory terms = _tokenTerms(address(token));
        vm.prank(CLIENT);
        job = game.post(terms);
    }
}
