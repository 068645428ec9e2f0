// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claim, Job} from "../src/Market.sol";
import {Position} from "../src/Position.sol";
import {Dispute} from "../src/Turns.sol";
import {Play, Toy} from "./Toy.sol";
import {vm} from "./Vm.sol";

/// @title Clients, solvers who are right or lie, challengers and passers-by who do whatever comes to a fuzzer's mind.
contract Handler is Toy {
    uint256 private constant ACTIONS = 16;
    uint256 private constant MAX_JOBS = 5;
    uint256 private constant MAX_GAMES = 12;

    Play[] private _plays;
    /// @notice Actions that were tried, and those that the contract has accepted.
    uint256 public calls;
    uint256 public done;
    /// @notice Verdicts by the number of the game.
    mapping(uint64 => uint256) public verdicts;

    /// @notice Tries one action, on a target that the seed names.
    function act(uint8 action, uint256 seed) external {
        ++calls;
        (bool isDone,) = address(this).call(abi.encodeCall(this.perform, (action % ACTIONS, seed)));
        if (isDone) ++done;
    }

    /// @dev Where there is nothing to do of a kind, it is a move, an opening, a job instead.
    function perform(uint256 action, uint256 seed) external {
        require(msg.sender == address(this));
        if (action == 0 && _settle(seed)) return;
        if (action == 1 && _collect(seed)) return;
        if (action == 2 && _withdrawOne(seed)) return;
        if (action == 3 && _timeOut(seed)) return;
        if (action == 4) return vm.warp(block.timestamp + seed % 300);
        if (action < 12 && _move(seed)) return;
        if (action < 14 && _openOne(seed)) return;
        _advanceJob(seed);
    }

    /// @notice With time and passers-by alone everything comes to its end, and everybody gets what is his.
    function unwind() external {
        vm.warp(block.timestamp + 1_000_000);
        for (uint64 id = 1; id <= game.gameCount(); ++id) {
            Dispute memory dispute = game.getGame(id);
            if (dispute.turn != 3 && game.getClaim(dispute.claim).status == 1) game.timeout(id);
        }
        for (uint64 id = 1; id <= game.gameCount(); ++id) {
            if (game.getGame(id).turn != 3) game.collect(id);
        }
        for (uint64 number = 1; number <= game.claimCount(); ++number) {
            if (game.getClaim(number).status == 1) game.finalize(number);
        }
        for (uint64 job = 1; job <= game.jobCount(); ++job) {
            if (game.getJob(job).status == 2) game.expire(job);
            if (game.getJob(job).status == 1) game.expire(job);
        }
        _expectEmpty();
    }

    /// @notice What the contract owes: credits, bonds and rewards.
    function owed() external view returns (uint256 sum) {
        address[5] memory accounts = [CLIENT, SOLVER, CHALLENGER, ANYBODY, game.BURN()];
        for (uint256 i = 0; i < 5; ++i) {
            sum += game.creditOf(address(0), accounts[i]);
        }
        for (uint64 id = 1; id <= game.jobCount(); ++id) {
            Job memory job = game.getJob(id);
            if (job.status != 4) sum += job.terms.reward;
            if (job.status == 2) sum += job.bond;
        }
        for (uint64 number = 1; number <= game.claimCount(); ++number) {
            sum += game.getClaim(number).pot;
        }
        for (uint64 id = 1; id <= game.gameCount(); ++id) {
            Dispute memory dispute = game.getGame(id);
            if (dispute.turn != 3) sum += dispute.bond;
        }
    }

    function theGame() external view returns (address) {
        return address(game);
    }

    function clocks(uint64 id) external view returns (uint256 solver, uint256 challenger, uint64 count) {
        Dispute memory dispute = game.getGame(id);
        return (dispute.leftSolver, dispute.leftChallenger, game.gameCount());
    }

    /// @notice Open games and their moves, as the claim counts them, less what its games say.
    function miscount(uint64 number) external view returns (uint256 games, uint256 moves) {
        Claim memory made = game.getClaim(number);
        (games, moves) = (made.open, made.moves);
        for (uint64 id = 1; id <= game.gameCount(); ++id) {
            Dispute memory dispute = game.getGame(id);
            if (dispute.claim == number && dispute.turn != 3) (games, moves) = (games - 1, moves - dispute.moves);
        }
    }

    function claimCount() external view returns (uint64) {
        return game.claimCount();
    }

    function _advanceJob(uint256 seed) private {
        uint64 count = game.jobCount();
        for (uint256 i = 0; i < count; ++i) {
            uint64 id = uint64((seed % count + i) % count) + 1;
            Job memory job = game.getJob(id);
            if (job.status == 1) return _take(id);
            if (job.status != 2) continue;
            if (block.timestamp > job.deadline) return game.expire(id);
            _claim(id);
            return;
        }
        if (count < MAX_JOBS) _post();
        else vm.warp(block.timestamp + 100);
    }

    function _openOne(uint256 seed) private returns (bool) {
        uint64 count = game.claimCount();
        address[3] memory who = [CHALLENGER, ANYBODY, SOLVER];
        for (uint64 number = count; number > 0 && _plays.length < MAX_GAMES; --number) {
            Claim memory made = game.getClaim(number);
            if (made.status != 1 || block.timestamp > made.until || made.open > 3) continue;
            _plays.push(_open(number, who[seed % 3]));
            return true;
        }
        return false;
    }

    /// @dev The next move of some game that is not over.
    function _move(uint256 seed) private returns (bool) {
        for (uint256 i = 0; i < _plays.length; ++i) {
            uint256 index = (seed % _plays.length + i) % _plays.length;
            Dispute memory dispute = game.getGame(_plays[index].id);
            if (!_isLive(dispute) || _late(dispute) > 0) continue;
            Play memory play = _plays[index];
            if (dispute.turn == 1) _solve(play);
            else _challenge(play, dispute.challenger);
            _plays[index] = play;
            return true;
        }
        return false;
    }

    /// @dev Every third game has a wrong word, every third one a chunk that does not fold.
    function _solve(Play memory play) private {
        uint32 word = play.id % 3 == 1 ? 8 : RIGHT;
        uint256 phase = Position.get(play.context, Position.PHASE);
        if (phase == Position.RUN && Position.get(play.context, Position.N) > 1) return _reveal(play, _mids());
        if (phase == Position.RUN) return _toStepList(play, word);
        if (phase == Position.OPS) return _revealChunk(play, _entry(play.id % 3 == 2 ? 9 : word));
        if (phase == Position.WORD) return _revealElement(play, word);
        _prove(play);
        ++verdicts[play.id];
    }

    function _challenge(Play memory play, address who) private {
        uint256 phase = Position.get(play.context, Position.PHASE);
        if (phase == Position.TENSOR && play.id % 3 == 2) {
            game.refute(play.id, play.context, play.list);
            ++verdicts[play.id];
        } else {
            _select(play, who, phase == Position.MACHINE ? 1 : 0);
        }
    }

    /// @dev Waits until a claim without games has stood its window.
    function _settle(uint256 seed) private returns (bool) {
        uint64 count = game.claimCount();
        if (count == 0) return false;
        uint64 number = uint64(seed % count) + 1;
        Claim memory made = game.getClaim(number);
        if (made.status != 1 || made.open != 0) return false;
        if (block.timestamp <= made.until) vm.warp(made.until + 1);
        game.finalize(number);
        return true;
    }

    function _collect(uint256 seed) private returns (bool) {
        uint64 count = game.gameCount();
        for (uint256 i = 0; i < count; ++i) {
            uint64 id = uint64((seed % count + i) % count) + 1;
            Dispute memory dispute = game.getGame(id);
            if (dispute.turn == 3 || game.getClaim(dispute.claim).status != 3) continue;
            game.collect(id);
            return true;
        }
        return false;
    }

    /// @dev Ends a game that has run out of time; now and then waits for it.
    function _timeOut(uint256 seed) private returns (bool) {
        uint64 count = game.gameCount();
        if (count == 0) return false;
        uint64 id = uint64(seed % count) + 1;
        Dispute memory dispute = game.getGame(id);
        if (!_isLive(dispute)) return false;
        if (_late(dispute) == 0 && seed % 4 == 0) vm.warp(block.timestamp + CLOCK + 1);
        if (_late(dispute) == 0) return false;
        game.timeout(id);
        ++verdicts[id];
        return true;
    }

    function _withdrawOne(uint256 seed) private returns (bool) {
        address[4] memory accounts = [CLIENT, SOLVER, CHALLENGER, ANYBODY];
        for (uint256 i = 0; i < 4; ++i) {
            address account = accounts[(seed % 4 + i) % 4];
            if (game.creditOf(address(0), account) == 0) continue;
            _withdraw(account);
            return true;
        }
        return false;
    }

    function _isLive(Dispute memory dispute) private view returns (bool) {
        return dispute.turn != 3 && game.getClaim(dispute.claim).status == 1;
    }

    /// @dev Seconds by which the side to move is late.
    function _late(Dispute memory dispute) private view returns (uint256) {
        uint256 time = block.timestamp - dispute.last;
        uint256 left = dispute.turn == 1 ? dispute.leftSolver : dispute.leftChallenger;
        return time > left ? time - left : 0;
    }
}
