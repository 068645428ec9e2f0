// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claim, Market} from "./Market.sol";

/// @param left Seconds that each side has left
/// @param last When the last move was made
/// @param moves Counted moves of the challenger
/// @param counted The block of the last one that was counted
/// @param h Hash of the context, on the challenger's turn with the list that he is to choose from
struct Dispute {
    uint64 claim;
    uint32 leftSolver;
    uint32 leftChallenger;
    uint40 last;
    uint16 moves;
    uint8 turn;
    uint48 counted;
    bytes32 h;
    address challenger;
    uint96 bond;
}

/// @title Turns, clocks and ends of games. Every state of a game has an exit that anybody may take.
abstract contract Turns is Market {
    uint8 internal constant SOLVER = 1;
    uint8 internal constant CHALLENGER = 2;
    uint8 internal constant OVER = 3;

    /// @notice How many games were opened; they are numbered from 1.
    uint64 public gameCount;
    mapping(uint64 => Dispute) internal _games;

    event Resolved(uint64 indexed game, uint64 indexed claim, bool isSolverRight);
    event Collected(uint64 indexed game, address indexed challenger, uint256 bond, uint256 share);

    error WrongTurn(uint8 have, uint8 want);
    error Late(uint256 have, uint256 want);
    error Stale(bytes32 have, bytes32 want);
    error NotFallen(uint64 claim, uint8 status);

    /// @notice Ends a game whose side to move has let its clock run out. Anybody may.
    function timeout(uint64 id) external {
        Dispute storage game = _games[id];
        _checkLive(id);
        uint256 time = block.timestamp - game.last;
        uint256 left = game.turn == SOLVER ? game.leftSolver : game.leftChallenger;
        // INVARIANT: at every moment either a move is allowed or this is, never both.
        if (time <= left) revert TooEarly(time, left);
        _end(id, game.turn == CHALLENGER);
    }

    /// @notice After a claim's fall: credits a challenger's bond and his share of the solver's. Anybody may.
    function collect(uint64 id) external {
        Dispute storage game = _games[id];
        Claim storage made = _claims[game.claim];
        if (made.status != FALLEN) revert NotFallen(game.claim, made.status);
        if (game.turn == OVER) revert WrongTurn(game.turn, OVER);
        // INVARIANT: shares by moves of the games open at the fall; the last one takes the rest.
        uint128 share = uint128(uint256(made.pot) * game.moves / made.moves);
        made.pot -= share;
        made.moves -= game.moves;
        --made.open;
        game.turn = OVER;
        // INVARIANT: the turn is over before anything is credited.
        _credit(ETHER, game.challenger, game.bond + share);
        emit Collected(id, game.challenger, game.bond, share);
    }

    function getGame(uint64 id) external view returns (Dispute memory) {
        return _games[id];
    }

    /// @dev Starts a game: the claim's solver is to move.
    function _begin(uint64 number, bytes32 h) internal returns (uint64 id) {
        Claim storage made = _claims[number];
        uint32 clock = _jobs[made.job].terms.clock;
        id = ++gameCount;
        Dispute storage game = _games[id];
        (game.claim, game.leftSolver, game.leftChallenger, game.last) = (number, clock, clock, uint40(block.timestamp));
        // The opening counts as a move.
        (game.moves, game.turn, game.counted) = (1, SOLVER, uint48(block.number));
        (game.h, game.challenger, game.bond) = (h, msg.sender, uint96(msg.value));
        ++made.open;
        ++made.moves;
    }

    /// @dev Refuses a move on a game that is over, out of turn, by somebody else, or too late.
    /// @param isForAnybody The move may come from somebody other than the side to move
    function _checkTurn(uint64 id, uint8 side, bool isForAnybody) internal view returns (Claim storage made) {
        Dispute storage game = _games[id];
        made = _checkLive(id);
        if (game.turn != side) revert WrongTurn(game.turn, side);
        address mover = side == SOLVER ? made.solver : game.challenger;
        if (!isForAnybody && msg.sender != mover) revert WrongSender(msg.sender, mover);
        uint256 time = block.timestamp - game.last;
        uint256 left = side == SOLVER ? game.leftSolver : game.leftChallenger;
        if (time > left) revert Late(time, left);
    }

    /// @dev INVARIANT: a move names all that it answers. One that was signed before a reorganisation is refused where the
    /// game has taken another way.
    function _checkHash(uint64 id, bytes32 have) internal view {
        bytes32 want = _games[id].h;
        if (have != want) revert Stale(have, want);
    }

    /// @dev One block counts once. INVARIANT: nobody gains weight by playing against himself inside a block.
    function _count(uint64 id, Claim storage made) internal {
        Dispute storage game = _games[id];
        // INVARIANT: the sum stops rather than refuse a move.
        if (game.counted == block.number || made.moves == type(uint24).max) return;
        game.counted = uint48(block.number);
        ++game.moves;
        ++made.moves;
    }

    /// @dev Takes the time since the last move from the side that has moved, and gives the turn to the other one.
    function _turn(uint64 id, bytes32 h) internal {
        Dispute storage game = _games[id];
        (uint8 side, uint32 solver, uint32 challenger) = (game.turn, game.leftSolver, game.leftChallenger);
        // INVARIANT: `_checkTurn` has seen that so much time is left: clocks only fall, and never below 0.
        uint32 time = uint32(block.timestamp - game.last);
        if (side == SOLVER) solver -= time;
        else challenger -= time;
        // Written in one go, which makes it one write to storage.
        (game.leftSolver, game.leftChallenger, game.last) = (solver, challenger, uint40(block.timestamp));
        (game.turn, game.h) = (side ^ SOLVER ^ CHALLENGER, h);
    }

    /// @dev The verdict. A game has one: it is over, or its claim has fallen, from here on.
    function _end(uint64 id, bool isSolverRight) internal {
        Dispute storage game = _games[id];
        Claim storage made = _claims[game.claim];
        emit Resolved(id, game.claim, isSolverRight);
        // INVARIANT: the fall freezes all games of the claim, this one too: `collect` is what is left.
        if (!isSolverRight) return _fall(game.claim, made);
        game.turn = OVER;
        --made.open;
        made.moves -= game.moves;
        _credit(ETHER, made.solver, game.bond);
        game.bond = 0;
    }

    function _checkLive(uint64 id) private view returns (Claim storage made) {
        Dispute storage game = _games[id];
        made = _claims[game.claim];
        if (made.status != LIVE) revert NotLive(game.claim, made.status);
        // INVARIANT: a game that is over stays so.
        if (game.turn == OVER) revert WrongTurn(OVER, SOLVER);
    }
}
