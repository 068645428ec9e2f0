// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What is used of an ERC-20 token.
interface Token {
    function balanceOf(address account) external view returns (uint256);
}

/// @title Who may take how much out. Ether and each token have books of their own, and nothing is ever sent unasked, so
/// that no receiver and no token can hold up anybody else.
abstract contract Ledger {
    /// @notice Stands for ether where a token is asked for.
    address public constant ETHER = address(0);
    /// @notice What is burnt goes here; nobody has its key.
    address public constant BURN = 0x000000000000000000000000000000000000dEaD;

    /// @notice What an account may withdraw of a token.
    mapping(address token => mapping(address account => uint256)) public creditOf;
    bool private transient _isEntered;

    event Withdrawn(address indexed account, address indexed token, address to, uint256 amount);

    error NothingToWithdraw(address token, address account);
    error TransferFailed(address token, uint256 amount);
    error NothingArrived(address token, uint256 asked);
    error TooMuchArrived(uint256 have, uint256 limit);
    error Reentered();

    /// @dev INVARIANT: while a token or a receiver runs, no other function that moves or measures tokens does.
    modifier alone() {
        if (_isEntered) revert Reentered();
        _isEntered = true;
        _;
        _isEntered = false;
    }

    /// @notice Sends all that the caller has of a token.
    /// @param to Who receives it: a caller that cannot receive ether may name another
    function withdraw(address token, address to) external alone returns (uint256 amount) {
        amount = _withdraw(token, msg.sender, to);
    }

    /// @notice Sends what was burnt out of the contract. Anybody may.
    function burn() external alone returns (uint256 amount) {
        amount = _withdraw(ETHER, BURN, BURN);
    }

    function _credit(address token, address account, uint256 amount) internal {
        if (amount != 0) creditOf[token][account] += amount;
    }

    /// @dev Takes tokens from the caller and tells how many arrived, which may be fewer.
    function _receive(address token, uint256 amount) internal returns (uint128) {
        uint256 before = Token(token).balanceOf(address(this));
        _call(token, abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, this, amount), amount);
        uint256 arrived = Token(token).balanceOf(address(this)) - before;
        if (arrived == 0) revert NothingArrived(token, amount);
        // INVARIANT: no sum of rewards overflows, whatever a token says of balances.
        if (arrived > type(uint128).max) revert TooMuchArrived(arrived, type(uint128).max);
        return uint128(arrived);
    }

    function _withdraw(address token, address account, address to) private returns (uint256 amount) {
        amount = creditOf[token][account];
        if (amount == 0) revert NothingToWithdraw(token, account);
        // INVARIANT: the books are closed before anything is sent.
        creditOf[token][account] = 0;
        emit Withdrawn(account, token, to, amount);
        if (token != ETHER) {
            _call(token, abi.encodeWithSignature("transfer(address,uint256)", to, amount), amount);
        } else {
            (bool isSent,) = to.call{value: amount}("");
            if (!isSent) revert TransferFailed(token, amount);
        }
    }

    /// @dev A token may answer nothing or true; anything else is a failure.
    function _call(address token, bytes memory data, uint256 amount) private {
        (bool isDone, bytes memory answer) = token.call(data);
        bool isTrue =
            answer.length == 0 ? token.code.length != 0 : answer.length == 32 && bytes32(answer) == bytes32(uint256(1));
        if (!isDone || !isTrue) revert TransferFailed(token, amount);
    }
}
