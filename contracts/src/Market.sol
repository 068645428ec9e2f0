// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger} from "./Ledger.sol";
import {JobTerms, Structs} from "./Structs.sol";

/// @notice What a client asks for and offers.
/// @param program Hash of the program
/// @param genesis Root of the state before the first training step
/// @param token Of the reward; 0 is ether
/// @param steps S, at least 1
/// @param window Seconds in which a claim may be challenged
/// @param clock Seconds that each side of a game has in all
/// @param reward What the solver gets; what arrived of it, once posted
/// @param minBond The least bond of a solver, in wei
/// @param trainTime Seconds from taking the job to claiming a result
/// @param openUntil The last second at which the job may be taken
/// @param checkpointLog2 e: leaves of a trace are E = 2^e steps apart
struct Terms {
    bytes32 program;
    bytes32 genesis;
    address token;
    uint32 steps;
    uint32 window;
    uint32 clock;
    uint128 reward;
    uint128 minBond;
    uint32 trainTime;
    uint40 openUntil;
    uint8 checkpointLog2;
}

/// @param deadline The last second at which the taker may claim
/// @param solver Who has taken it
/// @param bond The solver's, until he claims
struct Job {
    Terms terms;
    address client;
    uint40 deadline;
    uint8 status;
    address solver;
    uint96 bond;
}

/// @param until The last second at which it may be challenged
/// @param open Games that are not over
/// @param moves Counted moves of the challengers in those games
/// @param pot The solver's bond; after a fall what of it is still to be shared
struct Claim {
    address solver;
    uint40 until;
    uint8 status;
    uint24 open;
    uint24 moves;
    bytes32 finalRoot;
    bytes32 traceRoot;
    uint64 job;
    uint128 pot;
}

/// @notice What a deployment fixes for good.
/// @param minClock The least clock of a job, in seconds
/// @param minWindow The least window of a job, in seconds
/// @param solverGas Gas that a game costs a solver at most
/// @param challengerGas Gas that a game costs a challenger at most
/// @param burnPercent What part of a slashed bond is burnt
struct Limits {
    uint32 minClock;
    uint32 minWindow;
    uint32 solverGas;
    uint32 challengerGas;
    uint8 burnPercent;
}

/// @title Jobs, claims and bonds. No owner, no upgrade. Every state of a job or a claim has an exit that somebody may
/// take who is not its owner.
abstract contract Market is Ledger {
    uint8 internal constant OPEN = 1;
    uint8 internal constant TAKEN = 2;
    uint8 internal constant CLAIMED = 3;
    uint8 internal constant CLOSED = 4;

    uint8 internal constant LIVE = 1;
    uint8 internal constant FINAL = 2;
    uint8 internal constant FALLEN = 3;

    uint256 internal constant SOLVER_BOND_GAMES = 20;
    uint256 internal constant CHALLENGER_BOND_GAMES = 4;
    uint256 private constant MAX_CHECKPOINT_LOG2 = 31;

    uint32 public immutable minClock;
    uint32 public immutable minWindow;
    uint32 public immutable solverGas;
    uint32 public immutable challengerGas;
    uint8 public immutable burnPercent;

    /// @notice How many jobs were posted; they are numbered from 1.
    uint64 public jobCount;
    /// @notice How many claims were made; they are numbered from 1.
    uint64 public claimCount;
    mapping(uint64 => Job) internal _jobs;
    mapping(uint64 => Claim) internal _claims;

    event Posted(uint64 indexed job, address indexed client, bytes32 indexed jobHash);
    event Taken(uint64 indexed job, address indexed solver, uint256 bond, uint256 deadline);
    event Claimed(
        uint64 indexed claim, uint64 indexed job, address indexed solver, bytes32 finalRoot, bytes32 traceRoot
    );
    event Finalized(uint64 indexed claim, uint64 indexed job);
    event Fell(uint64 indexed claim, uint64 indexed job, uint256 burnt, uint256 pot);
    event Reopened(uint64 indexed job, uint256 burnt);
    event Closed(uint64 indexed job);

    error BadTerms(bytes32 name, uint256 have, uint256 want);
    error WrongTerms(bytes32 have, bytes32 want);
    error WrongStatus(uint8 have, uint8 want);
    error WrongSender(address have, address want);
    error NotLive(uint64 claim, uint8 status);
    error Bond(uint256 have, uint256 want);
    error Window(uint256 time, uint256 until);
    error TooEarly(uint256 time, uint256 until);
    error GamesOpen(uint64 claim, uint24 open);

    constructor(Limits memory limits) {
        if (limits.burnPercent > 100) revert BadTerms("burnPercent", limits.burnPercent, 100);
        minClock = limits.minClock;
        minWindow = limits.minWindow;
        solverGas = limits.solverGas;
        challengerGas = limits.challengerGas;
        burnPercent = limits.burnPercent;
    }

    /// @notice Offers a job. The reward comes with the call if it is ether, else it is taken from the caller; what
    /// arrives is what is offered.
    function post(Terms calldata terms) external payable alone returns (uint64 id) {
        _checkTerms(terms);
        // INVARIANT: ether that comes along is exactly the reward, or none.
        uint256 wanted = terms.token == ETHER ? terms.reward : 0;
        if (msg.value != wanted) revert BadTerms("value", msg.value, wanted);
        id = ++jobCount;
        Job storage job = _jobs[id];
        job.terms = terms;
        (job.client, job.status) = (msg.sender, OPEN);
        if (terms.token != ETHER && terms.reward != 0) job.terms.reward = _receive(terms.token, terms.reward);
        emit Posted(id, msg.sender, _jobHash(job.terms));
    }

    /// @notice Takes a job for the caller alone, with a bond, before he trains.
    /// @param terms Hash of the terms that he has read (see `termsHash`): a job's number may change in a reorganisation
    function take(uint64 id, bytes32 terms) external payable {
        Job storage job = _jobs[id];
        _expect(job.status, OPEN);
        bytes32 have = termsHash(id);
        if (have != terms) revert WrongTerms(have, terms);
        if (block.timestamp > job.terms.openUntil) revert Window(block.timestamp, job.terms.openUntil);
        // INVARIANT: the bond covers the gas of many games, and what the client asks for.
        _checkBond(solverBond(id));
        uint256 deadline = block.timestamp + job.terms.trainTime;
        (job.status, job.solver, job.bond, job.deadline) = (TAKEN, msg.sender, uint96(msg.value), uint40(deadline));
        emit Taken(id, msg.sender, msg.value, deadline);
    }

    /// @notice Claims a result. Only who has taken the job may, and in time.
    function claim(uint64 id, bytes32 finalRoot, bytes32 traceRoot) external returns (uint64 number) {
        Job storage job = _jobs[id];
        _expect(job.status, TAKEN);
        // INVARIANT: roots copied from somebody else's transaction are of no use.
        if (msg.sender != job.solver) revert WrongSender(msg.sender, job.solver);
        if (block.timestamp > job.deadline) revert Window(block.timestamp, job.deadline);
        number = ++claimCount;
        Claim storage made = _claims[number];
        uint256 until = block.timestamp + job.terms.window;
        (made.solver, made.until, made.status) = (msg.sender, uint40(until), LIVE);
        (made.finalRoot, made.traceRoot) = (finalRoot, traceRoot);
        (made.job, made.pot) = (id, job.bond);
        (job.status, job.bond) = (CLAIMED, 0);
        emit Claimed(number, id, msg.sender, finalRoot, traceRoot);
    }

    /// @notice Ends a claim that has stood its window: bond and reward go to the solver. Anybody may.
    function finalize(uint64 number) external {
        Claim storage made = _claims[number];
        if (made.status != LIVE) revert NotLive(number, made.status);
        if (block.timestamp <= made.until) revert TooEarly(block.timestamp, made.until);
        // INVARIANT: a claim stands only when nobody disputes it any more.
        if (made.open != 0) revert GamesOpen(number, made.open);
        Job storage job = _jobs[made.job];
        (made.status, job.status) = (FINAL, CLOSED);
        _credit(ETHER, made.solver, made.pot);
        made.pot = 0;
        _credit(job.terms.token, made.solver, job.terms.reward);
        emit Finalized(number, made.job);
    }

    /// @notice Ends what has run out: a taker who has not claimed loses part of his bond and the job is open again; an
    /// offer that nobody has taken is closed. Anybody may.
    function expire(uint64 id) external {
        Job storage job = _jobs[id];
        if (job.status == OPEN) {
            if (block.timestamp <= job.terms.openUntil) revert TooEarly(block.timestamp, job.terms.openUntil);
            return _close(id, job);
        }
        _expect(job.status, TAKEN);
        if (block.timestamp <= job.deadline) revert TooEarly(block.timestamp, job.deadline);
        // INVARIANT: the client gains nothing from a taker whom he keeps from claiming.
        uint256 burnt = _burn(job.bond);
        _credit(ETHER, job.solver, job.bond - burnt);
        job.status = OPEN;
        emit Reopened(id, burnt);
    }

    /// @notice Takes back an offer that nobody has taken.
    function cancel(uint64 id) external {
        Job storage job = _jobs[id];
        _expect(job.status, OPEN);
        if (msg.sender != job.client) revert WrongSender(msg.sender, job.client);
        _close(id, job);
    }

    /// @notice The bond that taking a job needs in this block.
    function solverBond(uint64 id) public view returns (uint256) {
        uint256 games = SOLVER_BOND_GAMES * solverGas * block.basefee;
        uint256 asked = _jobs[id].terms.minBond;
        return games > asked ? games : asked;
    }

    /// @notice The bond that opening a game needs in this block.
    function challengerBond() public view returns (uint256) {
        return CHALLENGER_BOND_GAMES * solverGas * block.basefee;
    }

    function termsHash(uint64 id) public view returns (bytes32) {
        return keccak256(abi.encode(_jobs[id].terms));
    }

    /// @notice The hash that names program, genesis state, steps and checkpoint interval.
    function jobHash(uint64 id) external view returns (bytes32) {
        return _jobHash(_jobs[id].terms);
    }

    function getJob(uint64 id) external view returns (Job memory) {
        return _jobs[id];
    }

    function getClaim(uint64 number) external view returns (Claim memory) {
        return _claims[number];
    }

    /// @dev A game has been won against a claim.
    function _fall(uint64 number, Claim storage made) internal {
        uint256 burnt = _burn(made.pot);
        (made.status, made.pot) = (FALLEN, uint128(made.pot - burnt));
        // Who takes it next overwrites what the last taker has left.
        _jobs[made.job].status = OPEN;
        emit Fell(number, made.job, burnt, made.pot);
    }

    /// @dev INVARIANT: what comes in as a bond fits its field.
    function _checkBond(uint256 want) internal view {
        if (msg.value < want || msg.value > type(uint96).max) revert Bond(msg.value, want);
    }

    function _jobHash(Terms storage terms) internal view returns (bytes32) {
        return Structs.jobHash(JobTerms(terms.program, terms.genesis, terms.steps, terms.checkpointLog2));
    }

    function _burn(uint256 bond) private returns (uint256 burnt) {
        burnt = bond * burnPercent / 100;
        _credit(ETHER, BURN, burnt);
    }

    function _close(uint64 id, Job storage job) private {
        job.status = CLOSED;
        _credit(job.terms.token, job.client, job.terms.reward);
        emit Closed(id);
    }

    /// @dev INVARIANT: no job can be posted whose parameters decide a game before it begins.
    function _checkTerms(Terms calldata terms) private view {
        if (terms.steps == 0) revert BadTerms("steps", 0, 1);
        if (terms.checkpointLog2 > MAX_CHECKPOINT_LOG2) {
            revert BadTerms("checkpointLog2", terms.checkpointLog2, MAX_CHECKPOINT_LOG2);
        }
        if (terms.clock < minClock) revert BadTerms("clock", terms.clock, minClock);
        if (terms.window < minWindow) revert BadTerms("window", terms.window, minWindow);
        if (terms.trainTime < minClock) revert BadTerms("trainTime", terms.trainTime, minClock);
        if (terms.openUntil < block.timestamp) revert BadTerms("openUntil", terms.openUntil, block.timestamp);
    }

    function _expect(uint8 have, uint8 want) private pure {
        if (have != want) revert WrongStatus(have, want);
    }
}
