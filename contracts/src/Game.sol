// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Machine} from "./Machine.sol";
import {Claim, Job, Limits, Market} from "./Market.sol";
import {Merkle} from "./Merkle.sol";
import {Context, Position} from "./Position.sol";
import {Frame, Operand, Referee} from "./Referee.sol";
import {Operator, Program, Sources, Structs} from "./Structs.sol";
import {Tensor} from "./Tensor.sol";
import {Turns} from "./Turns.sol";

/// @notice A leaf of a claim's trace.
/// @param index Its number: leaf i is the state after min(i * E, S) steps
/// @param root The state root
/// @param path Its siblings; not read for the first and the last leaf, which the job and the claim name
struct Leaf {
    uint32 index;
    bytes32 root;
    bytes32[] path;
}

/// @notice What executes the one instruction that is left: see `Referee.executeStep`.
/// @param sources What the step's operators may read; the context has its hash
struct Proof {
    Sources sources;
    Operator operator;
    bytes state;
    bytes code;
    Operand operand;
}

/// @title The game: a solver reveals, a challenger points, until one instruction is left. docs/game.md has the rules.
/// @notice All that a side must know to answer is in the events.
contract Game is Turns {
    uint256 private constant MAX_SLOTS = 8;

    /// @notice Executes instructions and hashes tensors.
    Referee public immutable referee;

    event Opened(
        uint64 indexed game,
        uint64 indexed claim,
        address indexed challenger,
        uint32 i,
        bytes32 lo,
        uint32 j,
        bytes32 hi
    );
    event Revealed(uint64 indexed game, bytes32 hi, bytes32[] list);
    event Selected(uint64 indexed game, uint256 index);

    error WrongJob(bytes32 have, bytes32 want);
    error WrongStateLength(uint256 have, uint256 want);
    error WrongValue(uint256 have, uint256 want);
    error Folds(bytes32 node);

    constructor(Referee referee_, Limits memory limits) Market(limits) {
        referee = referee_;
    }

    /// @notice Disputes a claim between two leaves of its trace: the caller holds data for the left one, and his replay
    /// of it does not give the right one.
    /// @param job Hash of the job: with both roots it is all that a claim's number may stand for after a reorganisation
    function open(uint64 number, bytes32 job, Leaf calldata left, Leaf calldata right)
        external
        payable
        returns (uint64 id)
    {
        Claim storage made = _claims[number];
        if (made.status != LIVE) revert NotLive(number, made.status);
        // INVARIANT: no game begins after the window, so that the longest delay is known.
        if (block.timestamp > made.until) revert Window(block.timestamp, made.until);
        _checkBond(challengerBond());
        Context memory context = _context(made, job, left, right);
        id = _begin(number, Position.hash(context));
        emit Opened(id, number, msg.sender, left.index, left.root, right.index, right.root);
    }

    /// @notice The solver's move, where the level goes on.
    function reveal(uint64 id, Context calldata context, bytes32[] calldata list) external {
        Context memory next = context;
        _checkReveal(id, next);
        uint256 phase = Position.get(next, Position.PHASE);
        bool isFoot = phase == Position.RUN || phase == Position.OPS
            ? Position.get(next, Position.N) == 1
            : phase == Position.WORD;
        if (isFoot || phase == Position.PROVE) revert Position.WrongPhase(phase);
        _post(id, next, list);
    }

    /// @notice The solver's move at one training step: enters it, and posts a list of its temporaries.
    function revealStep(uint64 id, Context calldata context, bytes32[] calldata list, Program calldata program)
        external
    {
        Context memory next = context;
        Claim storage made = _checkReveal(id, next);
        _checkFoot(next, Position.RUN);
        _checkProgram(made, program);
        next.sources = Structs.sourcesHash(
            Sources(
                next.lo,
                Position.root(list),
                program.consts,
                program.temporaries,
                program.states,
                program.constants
            )
        );
        uint256 step = Position.get(next, Position.A);
        next.place = Position.placeOf(Position.STEP, 0, program.temporaries);
        Position.set(next, Position.STEP_NUMBER, step);
        Position.set(next, Position.VALUE, program.states);
        next.lo = 0;
        _post(id, next, list);
    }

    /// @notice The solver's move at one operator: enters its output, and posts a list of its nodes, or its only chunk.
    /// @param path Siblings of the operator's leaf among those of the program
    function revealOperator(
        uint64 id,
        Context calldata context,
        bytes32[] calldata list,
        Program calldata program,
        Operator calldata operator,
        bytes32[] calldata path
    ) external {
        Context memory next = context;
        Claim storage made = _checkReveal(id, next);
        _checkFoot(next, Position.OPS);
        _checkProgram(made, program);
        next.opLeaf = _leafOf(operator);
        uint256 k = Position.get(next, Position.A);
        Position.check(
            Merkle.climb(next.opLeaf, k, uint256(program.temporaries) + program.states, path), program.ops
        );
        Position.enter(next, Position.TENSOR, Tensor.chunkCount(operator.words));
        Position.set(next, Position.K, k);
        Position.set(next, Position.VALUE, operator.words);
        _post(id, next, list);
    }

    /// @notice The solver's move at one element: enters the machine that computes it, and posts states on the way.
    /// @param state The last state: its r0 is the element
    function revealElement(
        uint64 id,
        Context calldata context,
        bytes32[] calldata list,
        Operator calldata operator,
        bytes calldata state
    ) external {
        Context memory next = context;
        _checkReveal(id, next);
        _checkPhase(next, Position.WORD);
        Position.check(_leafOf(operator), next.opLeaf);
        if (state.length != Machine.STATE_BYTES) revert WrongStateLength(state.length, Machine.STATE_BYTES);
        uint256 have = Machine.getRegister(state, 0);
        uint256 want = Position.get(next, Position.VALUE);
        // INVARIANT: the disputed word is what the machine leaves, so that a wrong word is a wrong last state.
        if (have != want) revert WrongValue(have, want);
        uint256 step = Position.get(next, Position.STEP_NUMBER);
        // INVARIANT: both sides start alike, at the position that the game has bound.
        next.lo = keccak256(Machine.start(uint32(Position.get(next, Position.ELEM)), uint32(step)));
        next.hi = keccak256(state);
        Position.enter(next, Position.MACHINE, operator.instructions == 0 ? 1 : operator.instructions);
        _post(id, next, list);
    }

    /// @notice The challenger's move: points at the first entry that he denies.
    function select(uint64 id, Context calldata context, bytes32[] calldata list, uint256 index) external {
        Claim storage made = _checkTurn(id, CHALLENGER, false);
        Context memory next = context;
        _checkHash(id, Position.hash(next, list));
        Position.narrow(next, list, index);
        _count(id, made);
        _turn(id, Position.hash(next));
        emit Selected(id, index);
    }

    /// @notice Shows that the list of a tensor's nodes, or its chunk, does not fold to its node: the claim falls.
    function refute(uint64 id, Context calldata context, bytes32[] calldata list) external {
        _checkTurn(id, CHALLENGER, true);
        Context memory read = context;
        _checkHash(id, Position.hash(read, list));
        _checkPhase(read, Position.TENSOR);
        (uint256 a, uint256 n) = (Position.get(read, Position.A), Position.get(read, Position.N));
        uint256 words = Position.get(read, Position.VALUE);
        bytes32 have = n == 1
            ? referee.chunkHash(list, uint32(words), uint32(a))
            : referee.listHash(list, n == Tensor.chunkCount(words));
        if (have == read.hi) revert Folds(have);
        _end(id, false);
    }

    /// @notice Executes the one instruction that is left. Anybody may, and either side may be right.
    function prove(uint64 id, Context calldata context, Proof calldata proof) external {
        _checkTurn(id, SOLVER, true);
        Context memory read = context;
        _checkHash(id, Position.hash(read));
        _checkPhase(read, Position.PROVE);
        Sources memory sources = proof.sources;
        Position.check(Structs.sourcesHash(sources), read.sources);
        Frame memory frame = Frame(
            read.opLeaf,
            read.lo,
            sources.temporaryRoot,
            sources.stateRoot,
            sources.constantRoot,
            uint32(Position.get(read, Position.K)),
            sources.temporaries,
            sources.states,
            sources.constants
        );
        _end(id, referee.executeStep(frame, proof.operator, proof.state, proof.code, proof.operand) == read.hi);
    }

    /// @dev The first context, if both ends are leaves of the claim's trace.
    function _context(Claim storage made, bytes32 jobHash_, Leaf calldata left, Leaf calldata right)
        private
        view
        returns (Context memory context)
    {
        Job storage job = _jobs[made.job];
        bytes32 have = _jobHash(job.terms);
        // INVARIANT: a game signed against another job's claim of this number is refused.
        if (have != jobHash_) revert WrongJob(have, jobHash_);
        uint256 steps = job.terms.steps;
        uint256 interval = 1 << job.terms.checkpointLog2;
        uint256 count = (steps + interval - 1) / interval;
        if (right.index > count) revert Position.BadIndex(right.index, count + 1);
        if (left.index >= right.index) revert Position.BadIndex(left.index, right.index);
        _checkLeaf(made, job, left, count);
        _checkLeaf(made, job, right, count);
        uint256 end = right.index * interval;
        uint256 first = left.index * interval;
        context.place = Position.placeOf(Position.RUN, first, (end < steps ? end : steps) - first);
        (context.lo, context.hi) = (left.root, right.root);
    }

    /// @dev INVARIANT: the first leaf is the job's genesis, the last one the claim's final root, by definition.
    function _checkLeaf(Claim storage made, Job storage job, Leaf calldata leaf, uint256 count) private view {
        if (leaf.index == 0) return Position.check(leaf.root, job.terms.genesis);
        if (leaf.index == count) return Position.check(leaf.root, made.finalRoot);
        Position.check(Merkle.climb(leaf.root, leaf.index, count + 1, leaf.path), made.traceRoot);
    }

    function _checkReveal(uint64 id, Context memory context) private view returns (Claim storage made) {
        made = _checkTurn(id, SOLVER, false);
        _checkHash(id, Position.hash(context));
    }

    function _checkPhase(Context memory context, uint256 want) private pure {
        uint256 have = Position.get(context, Position.PHASE);
        if (have != want) revert Position.WrongPhase(have);
    }

    /// @dev The level is narrowed to one: the next one may be entered.
    function _checkFoot(Context memory context, uint256 want) private pure {
        _checkPhase(context, want);
        if (Position.get(context, Position.N) != 1) revert Position.WrongPhase(want);
    }

    function _checkProgram(Claim storage made, Program calldata program) private view {
        Position.check(Structs.programHash(program), _jobs[made.job].terms.program);
    }

    /// @dev The list is accepted: the challenger is to choose from it.
    function _post(uint64 id, Context memory next, bytes32[] calldata list) private {
        Position.post(next, list);
        _turn(id, Position.hash(next, list));
        emit Revealed(id, next.hi, list);
    }

    /// @dev INVARIANT: an operator that the referee would refuse cannot be entered.
    function _leafOf(Operator calldata operator) private pure returns (bytes32) {
        uint256 slots = operator.slots.length;
        if (slots > MAX_SLOTS) revert Referee.TooManySlots(slots, MAX_SLOTS);
        return Structs.operatorLeaf(operator);
    }
}
