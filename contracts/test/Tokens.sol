// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Game} from "../src/Game.sol";
import {Terms} from "../src/Market.sol";

/// @title Tokens as they are found: some keep a fee, some answer nothing, some answer false, some call back.
contract TestToken {
    enum Kind {
        Normal,
        Fee,
        Silent,
        False,
        Reverting,
        Reentrant,
        Boastful
    }

    Kind public kind;
    mapping(address => uint256) public balanceOf;
    Game private _game;
    bytes private _attack;
    /// @notice Whether the last attack got through.
    bool public isBroken;

    constructor(Kind kind_) {
        kind = kind_;
    }

    function setKind(Kind kind_) external {
        kind = kind_;
    }

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function prepare(Game game, bytes calldata attack) external {
        (_game, _attack) = (game, attack);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _move(from, to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (kind == Kind.Reverting) revert("no");
        if (kind == Kind.False) return false;
        if (kind == Kind.Reentrant) {
            (bool isDone,) = address(_game).call(_attack);
            if (isDone) isBroken = true;
        }
        balanceOf[from] -= amount;
        balanceOf[to] += kind == Kind.Fee ? amount - amount / 10 : amount;
        if (kind == Kind.Boastful) balanceOf[to] = type(uint256).max;
        if (kind == Kind.Silent) {
            assembly {
                return(0, 0)
            }
        }
        return true;
    }
}

/// @title Receives ether and tries to take it twice, or refuses it.
contract TestReceiver {
    Game private immutable _game;
    bool private immutable _refuses;
    /// @notice Whether the second withdrawal got through.
    bool public isBroken;

    constructor(Game game, bool refuses) {
        (_game, _refuses) = (game, refuses);
    }

    function post(Terms calldata terms) external payable returns (uint64) {
        return _game.post{value: msg.value}(terms);
    }

    function cancel(uint64 job) external {
        _game.cancel(job);
    }

    function withdraw(address to) external {
        _game.withdraw(address(0), to);
    }

    receive() external payable {
        if (_refuses) revert("no");
        (bool isDone,) = address(_game).call(abi.encodeCall(_game.withdraw, (address(0), address(this))));
        if (isDone) isBroken = true;
    }
}
