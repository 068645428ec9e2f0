/** The opcodes of the referee machine as a Solidity library. */
import { ARITHMETIC_VERSION, INSTRUCTIONS } from '../../src/numerics/instructions.js';
import { MACHINE_OPCODES, SCALAR_BY_OPCODE } from '../../src/referee/machine-instructions.js';

/** The text of `Opcodes.sol`: one constant for each opcode, and sets of opcodes as bit masks. */
export function solidityOpcodes(): string {
  const constants = opcodesByName().map(([name, opcode]) => `    uint256 internal constant ${name} = ${byte(opcode)};`);
  return `// SPDX-License-Identifier: MIT
// Written by scripts/contracts/generate-constants.ts from src/numerics/instructions.ts; do not edit.
pragma solidity 0.8.37;

/// @title The opcodes of the referee machine, arithmetic version ${ARITHMETIC_VERSION}.
library Opcodes {
${constants.join('\n')}

    /// @dev Bit n is set where opcode n is a scalar instruction.
    uint256 internal constant SCALARS = ${bitMask((arity) => arity > 0)};
    /// @dev Bit n is set where opcode n is a scalar instruction with three operands.
    uint256 internal constant TERNARIES = ${bitMask((arity) => arity === 3)};
}
`;
}

/** In the order of the numbers. The two names of `select` are one. */
function opcodesByName(): [name: string, opcode: number][] {
  const scalars = Object.entries(INSTRUCTIONS)
    .filter(([name]) => name !== 'fselect')
    .map(([name, { opcode }]): [string, number] => [name === 'iselect' ? 'select' : name, opcode]);
  return [...Object.entries(MACHINE_OPCODES), ...scalars]
    .map(([name, opcode]): [string, number] => [name.toUpperCase(), opcode])
    .sort((left, right) => left[1] - right[1]);
}

function bitMask(includes: (arity: number) => boolean): string {
  let mask = 0n;
  SCALAR_BY_OPCODE.forEach((scalar, opcode) => {
    if (includes(scalar?.args.length ?? 0)) mask |= 1n << BigInt(opcode);
  });
  return `0x${mask.toString(16)}`;
}

function byte(opcode: number): string {
  return `0x${opcode.toString(16).padStart(2, '0')}`;
}
