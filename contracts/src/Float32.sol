// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Binary32 arithmetic: IEEE-754, round to nearest even, gradual underflow, one NaN (0x7fc00000).
/// @notice Values are the 32 bits of a number in the low bits of a word. Arguments must be below 2^32, results are.
/// @dev Every operation computes its exact result as one integer, with anything that was cut off jammed into the last
/// bit ("sticky"), and rounds it once in `_pack`. A word has 256 bits, so that no case needs a second word.
library Float32 {
    uint256 internal constant NAN = 0x7fc00000;
    uint256 internal constant INFINITY = 0x7f800000;
    uint256 private constant SIGN = 0x80000000;
    uint256 private constant MAGNITUDE = 0x7fffffff;
    uint256 private constant ONE = 0x3f800000;

    /// @notice a + b
    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 exact = a & MAGNITUDE;
            uint256 low = b & MAGNITUDE;
            b ^= a;
            // From here on a is the summand with the greater magnitude, and bit 31 of b says that the signs differ.
            assembly ("memory-safe") {
                if lt(exact, low) {
                    a := xor(a, b)
                    low := exact
                    exact := and(a, 0x7fffffff)
                }
            }
            if (exact >= INFINITY) return exact > INFINITY || (exact == low && b & SIGN != 0) ? NAN : a;
            uint256 exponent;
            assembly ("memory-safe") {
                // As in `_unpack`, with the significands 64 bits up.
                exponent := add(shr(23, exact), lt(exact, 0x800000))
                exact := shl(64, sub(exact, shl(23, sub(exponent, 1))))
                let lowExponent := add(shr(23, low), lt(low, 0x800000))
                low := shl(64, sub(low, shl(23, sub(lowExponent, 1))))
                // INVARIANT: up to 64 places nothing is cut off; beyond, the sum rounds to a in any case, since from
                // 26 places on b is less than a quarter of a's last place.
                low := shr(sub(exponent, lowExponent), low)
                // INVARIANT: |a| >= |b|, so that the difference is not negative.
                switch and(b, 0x80000000)
                case 0 { exact := add(exact, low) }
                default {
                    exact := sub(exact, low)
                    // Numbers that cancel give +0; equal zeros keep their sign.
                    if iszero(exact) { a := 0 }
                }
            }
            return exact == 0 ? a : _pack(a & SIGN, exact, exponent - 64);
        }
    }

    /// @notice a - b
    function sub(uint256 a, uint256 b) internal pure returns (uint256) {
        return add(a, b ^ SIGN);
    }

    /// @notice a * b
    function mul(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 sign = (a ^ b) & SIGN;
            if (_isSpecial(a) || _isSpecial(b)) return _mulSpecial(a & MAGNITUDE, b & MAGNITUDE, sign);
            (uint256 exponentA, uint256 significandA) = _unpack(a);
            (uint256 exponentB, uint256 significandB) = _unpack(b);
            uint256 exact = (significandA * significandB) << 32;
            return exact == 0 ? sign : _pack(sign, exact, exponentA + exponentB - 182);
        }
    }

    /// @notice a / b; x/0 is infinite, 0/0 and infinity/infinity are NaN.
    function div(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked {
            uint256 sign = (a ^ b) & SIGN;
            if (_isSpecial(a) || _isSpecial(b) || b & MAGNITUDE == 0) {
                return _divSpecial(a & MAGNITUDE, b & MAGNITUDE, sign);
            }
            (uint256 exponentA, uint256 dividend) = _unpack(a);
            (uint256 exponentB, uint256 divisor) = _unpack(b);
            if (dividend == 0) return sign;
            dividend <<= 80;
            uint256 exact;
            assembly ("memory-safe") {
                exact := or(div(dividend, divisor), iszero(iszero(mod(dividend, divisor))))
            }
            return _pack(sign, exact, exponentA - exponentB + 70);
        }
    }

    /// @notice The square root; of -0 it is -0, below that NaN.
    function sqrt(uint256 a) internal pure returns (uint256) {
        unchecked {
            if (a & MAGNITUDE == 0) return a;
            if (a >= INFINITY) return a == INFINITY ? a : NAN;
            uint256 exponent;
            uint256 root;
            assembly ("memory-safe") {
                // As in `_unpack`.
                exponent := add(shr(23, a), lt(a, 0x800000))
                let significand := sub(a, shl(23, sub(exponent, 1)))
                // a = square * 2^(exponent - 150 - shift) with an even exponent and 2^60 <= square < 2^62.
                let shift := sub(clz(significand), 195)
                shift := add(shift, and(sub(exponent, shift), 1))
                let square := shl(shift, significand)
                // A chord of the root (at most 6 % low), then three Newton steps: at most 1 above the floor.
                root := add(div(square, 0xc0000000), 0x2aaaaaab)
                root := shr(1, add(root, div(square, root)))
                root := shr(1, add(root, div(square, root)))
                root := shr(1, add(root, div(square, root)))
                let excess := sub(mul(root, root), square)
                root := or(sub(root, sgt(excess, 0)), gt(excess, 0))
                exponent := add(sar(1, sub(sub(exponent, 150), shift)), 150)
            }
            return _pack(0, root, exponent);
        }
    }

    /// @notice a * b + c, rounded once.
    function fma(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        unchecked {
            uint256 product;
            uint256 addend;
            uint256 exponent;
            assembly ("memory-safe") {
                product := and(a, 0x7fffffff)
                exponent := and(b, 0x7fffffff)
                addend := and(c, 0x7fffffff)
            }
            // The smallest normal number carries the exponent of infinity and NaN into bit 31, and no other.
            if (((product + 0x800000) | (exponent + 0x800000) | (addend + 0x800000)) & SIGN != 0) {
                return _fmaSpecial(a, b, c);
            }
            assembly ("memory-safe") {
                // As in `_unpack`, twice; a keeps the sign of the product.
                a := and(xor(a, b), 0x80000000)
                b := exponent
                exponent := add(shr(23, product), lt(product, 0x800000))
                product := sub(product, shl(23, sub(exponent, 1)))
                let second := add(shr(23, b), lt(b, 0x800000))
                product := mul(product, sub(b, shl(23, sub(second, 1))))
                exponent := sub(add(exponent, second), 150)
            }
            // INVARIANT: below the product is not zero, so that a sticky bit never stands alone.
            if (product == 0) return addend == 0 ? a & c : c;
            assembly ("memory-safe") {
                // The product stands 128 bits up, the addend where it belongs beside it.
                product := shl(128, product)
                b := and(c, 0x80000000)
                let addendExponent := add(shr(23, addend), lt(addend, 0x800000))
                addend := sub(addend, shl(23, sub(addendExponent, 1)))
                let shift := sub(add(addendExponent, 128), exponent)
                // Also true where the shift is negative. A zero needs no care: it stays zero.
                if and(gt(shift, 177), gt(addend, 0)) {
                    switch slt(shift, 0)
                    case 0 {
                        // INVARIANT: the product is less than a quarter of the addend's last place: the sum rounds to c.
                        product := 0
                        exponent := sub(addendExponent, 49)
                        shift := 177
                    }
                    default {
                        // INVARIANT: the product's lowest 128 bits are zero, so that one sticky bit stands for c.
                        addend := 1
                        shift := 0
                    }
                }
                addend := shl(shift, addend)
                switch eq(a, b)
                case 1 { product := add(product, addend) }
                default {
                    product := sub(product, addend)
                    if slt(product, 0) {
                        product := sub(0, product)
                        a := b
                    }
                }
            }
            return product == 0 ? 0 : _pack(a, product, exponent - 128);
        }
    }

    /// @notice IEEE-754-2019 minimum: NaN wins, -0 is below +0.
    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        if (_isNaN(a) || _isNaN(b)) return NAN;
        return _order(a) < _order(b) ? a : b;
    }

    /// @notice IEEE-754-2019 maximum: NaN wins, +0 is above -0.
    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        if (_isNaN(a) || _isNaN(b)) return NAN;
        return _order(a) < _order(b) ? b : a;
    }

    /// @notice -a
    function neg(uint256 a) internal pure returns (uint256) {
        return _isNaN(a) ? NAN : a ^ SIGN;
    }

    /// @notice |a|
    function abs(uint256 a) internal pure returns (uint256) {
        return _isNaN(a) ? NAN : a & MAGNITUDE;
    }

    /// @notice The greatest integer that is not above a; -0 stays -0.
    function floor(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 exponent = (a >> 23) & 0xff;
            if (exponent >= 150) return canonical(a);
            if (exponent < 127) {
                if (a & MAGNITUDE == 0) return a;
                return a & SIGN == 0 ? 0 : SIGN | ONE;
            }
            uint256 fraction = (1 << (150 - exponent)) - 1;
            // Below zero the magnitude grows; its carry into the exponent is right.
            if (a & SIGN != 0) a += fraction;
            return a & ~fraction;
        }
    }

    /// @notice The nearest integer, ties to even; keeps the sign of zero.
    function nearest(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 exponent = (a >> 23) & 0xff;
            if (exponent >= 150) return canonical(a);
            if (exponent < 126 || a & MAGNITUDE == 0x3f000000) return a & SIGN;
            if (exponent == 126) return (a & SIGN) | ONE;
            uint256 shift = 150 - exponent;
            // INVARIANT: bit `shift` is the bit of the ones: at shift 23 the exponent 127, which is odd as its bit is.
            uint256 half = 1 << (shift - 1);
            return ((a + half - 1 + ((a >> shift) & 1)) >> shift) << shift;
        }
    }

    /// @notice 1 where a = b; NaN equals nothing, -0 equals +0.
    function eq(uint256 a, uint256 b) internal pure returns (uint256) {
        if (_isNaN(a) || _isNaN(b)) return 0;
        return _toFlag(a == b || (a | b) & MAGNITUDE == 0);
    }

    /// @notice 1 where a < b; 0 where one is NaN.
    function lt(uint256 a, uint256 b) internal pure returns (uint256) {
        if (_isNaN(a) || _isNaN(b)) return 0;
        return _toFlag(_order(a) < _order(b) && (a | b) & MAGNITUDE != 0);
    }

    /// @notice 1 where a <= b; 0 where one is NaN.
    function le(uint256 a, uint256 b) internal pure returns (uint256) {
        if (_isNaN(a) || _isNaN(b)) return 0;
        return _toFlag(_order(a) <= _order(b) || (a | b) & MAGNITUDE == 0);
    }

    /// @notice The binary32 nearest to a signed 32-bit integer.
    function fromInt(uint256 a) internal pure returns (uint256) {
        unchecked {
            if (a == 0) return 0;
            uint256 magnitude = a & SIGN == 0 ? a : 0x100000000 - a;
            return _pack(a & SIGN, magnitude << 32, 118);
        }
    }

    /// @notice Truncation to a signed 32-bit integer; saturates, NaN gives 0.
    function toInt(uint256 a) internal pure returns (uint256) {
        unchecked {
            uint256 exponent = (a >> 23) & 0xff;
            if (exponent < 127 || _isNaN(a)) return 0;
            if (exponent >= 158) return a & SIGN == 0 ? MAGNITUDE : SIGN;
            uint256 magnitude = (((a & 0x7fffff) | 0x800000) << 8) >> (158 - exponent);
            return a & SIGN == 0 ? magnitude : 0x100000000 - magnitude;
        }
    }

    /// @notice The same bits; a NaN becomes 0x7fc00000.
    function canonical(uint256 a) internal pure returns (uint256) {
        return _isNaN(a) ? NAN : a;
    }

    /// @dev Rounds `exact * 2^(exponent - 150)`. `exact` has at least 25 bits, `exponent` may be negative.
    /// The carry of a significand that rounds up to 2^24, subnormal results and overflow all fall out of the sums.
    function _pack(uint256 sign, uint256 exact, uint256 exponent) private pure returns (uint256 bits) {
        assembly ("memory-safe") {
            // The places that go, less one: down to 24 bits, or down to the last place of subnormal numbers.
            let places := sub(231, clz(exact))
            let least := sub(0, exponent)
            if slt(places, least) { places := least }
            // Half of the new last place; a hair less where the number is even, so that ties go to even.
            let half := sub(shl(places, 1), iszero(and(shr(places, exact), 2)))
            bits := add(shl(23, add(exponent, places)), shr(1, shr(places, add(exact, half))))
            if gt(bits, 0x7f800000) { bits := 0x7f800000 }
            bits := or(sign, bits)
        }
    }

    /// @dev A finite number is `significand * 2^(exponent - 150)`, also where it is subnormal.
    function _unpack(uint256 a) private pure returns (uint256 exponent, uint256 significand) {
        assembly ("memory-safe") {
            // Field 0 has the exponent of field 1 and no hidden bit; in all others the field, less one, hides it.
            a := and(a, 0x7fffffff)
            exponent := add(shr(23, a), lt(a, 0x800000))
            significand := sub(a, shl(23, sub(exponent, 1)))
        }
    }

    /// @dev At least one of the three is infinite or NaN.
    function _fmaSpecial(uint256 a, uint256 b, uint256 c) private pure returns (uint256) {
        // A finite product changes nothing about a c that is not.
        if (!_isSpecial(a) && !_isSpecial(b)) return canonical(c);
        return add(_mulSpecial(a & MAGNITUDE, b & MAGNITUDE, (a ^ b) & SIGN), c);
    }

    /// @dev Magnitudes, at least one of them infinite or NaN.
    function _mulSpecial(uint256 a, uint256 b, uint256 sign) private pure returns (uint256) {
        return a > INFINITY || b > INFINITY || a == 0 || b == 0 ? NAN : sign | INFINITY;
    }

    /// @dev Magnitudes: at least one infinite or NaN, or b zero.
    function _divSpecial(uint256 a, uint256 b, uint256 sign) private pure returns (uint256) {
        if (a > INFINITY || b > INFINITY) return NAN;
        if (a == INFINITY) return b == INFINITY ? NAN : sign | INFINITY;
        if (b == INFINITY) return sign;
        return a == 0 ? NAN : sign | INFINITY;
    }

    function _isNaN(uint256 a) private pure returns (bool) {
        return a & MAGNITUDE > INFINITY;
    }

    function _isSpecial(uint256 a) private pure returns (bool) {
        return a & INFINITY == INFINITY;
    }

    /// @dev Monotone in the order of numbers, with -0 just below +0.
    function _order(uint256 a) private pure returns (uint256) {
        return a & SIGN == 0 ? a | SIGN : a ^ 0xffffffff;
    }

    function _toFlag(bool condition) private pure returns (uint256 flag) {
        assembly ("memory-safe") {
            flag := condition
        }
    }
}
