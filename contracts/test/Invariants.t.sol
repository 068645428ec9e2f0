// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Handler} from "./Handler.sol";
import {vm} from "./Vm.sol";

struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// @title What holds whatever anybody does.
contract Invariants {
    uint256 private constant MIN_CALLS = 100;

    Handler private _handler;
    mapping(uint64 => uint256) private _solverClock;
    mapping(uint64 => uint256) private _challengerClock;

    function setUp() external {
        _handler = new Handler();
        _handler.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selectors) {
        selectors = new FuzzSelector[](1);
        bytes4[] memory functions = new bytes4[](1);
        functions[0] = Handler.act.selector;
        selectors[0] = FuzzSelector(address(_handler), functions);
    }

    /// @notice The contract has exactly what it owes.
    function invariant_solvency() external view {
        vm.assertEq(_handler.theGame().balance, _handler.owed(), "balance");
    }

    /// @notice A game has at most one verdict, and a claim counts its games and their moves rightly.
    function invariant_oneVerdict() external view {
        (,, uint64 count) = _handler.clocks(1);
        for (uint64 id = 1; id <= count; ++id) {
            vm.assertLe(_handler.verdicts(id), 1, "verdicts");
        }
        for (uint64 number = 1; number <= _handler.claimCount(); ++number) {
            (uint256 games, uint256 moves) = _handler.miscount(number);
            vm.assertEq(games + moves, 0, "count");
        }
    }

    function invariant_clocksOnlyFall() external {
        (,, uint64 count) = _handler.clocks(1);
        for (uint64 id = 1; id <= count; ++id) {
            (uint256 solver, uint256 challenger,) = _handler.clocks(id);
            if (_solverClock[id] != 0) {
                vm.assertLe(solver + 1, _solverClock[id], "the solver's clock");
                vm.assertLe(challenger + 1, _challengerClock[id], "the challenger's clock");
            }
            (_solverClock[id], _challengerClock[id]) = (solver + 1, challenger + 1);
        }
    }

    /// @notice At the end of every sequence: most calls did something, and passers-by can bring all to its end.
    function afterInvariant() external {
        if (_handler.calls() >= MIN_CALLS) {
            vm.assertLe(_handler.calls(), 2 * _handler.done(), "half of the calls succeed");
        }
        _handler.unwind();
    }
}
