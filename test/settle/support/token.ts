/** A plain ERC-20 token, compiled by the same compiler as the contracts. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { encodeAbiParameters, getAddress } from 'viem';
import { packageFolder } from '../../../commands/version.js';
import { mustBeSent, type Sender } from '../../../src/chain/sender.js';
import type { Address } from '../../../src/chain/signer.js';

const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
contract RewardToken {
    string public symbol = "GEM";
    uint8 public immutable decimals;
    uint256 private immutable fee;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    constructor(uint8 decimals_, uint256 supply, uint256 feePercent) {
        (decimals, fee) = (decimals_, feePercent);
        balanceOf[msg.sender] = supply;
    }
    function approve(address spender, uint256 amount) external returns (bool) {
        // As some well-known tokens do.
        require(amount == 0 || allowance[msg.sender][spender] == 0, "clear it first");
        allowance[msg.sender][spender] = amount;
        return true;
    }
    function transfer(address to, uint256 amount) external returns (bool) { return _move(msg.sender, to, amount); }
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 left = allowance[from][msg.sender];
        if (left < amount) revert ERC20InsufficientAllowance(msg.sender, left, amount);
        allowance[from][msg.sender] = left - amount;
        return _move(from, to, amount);
    }
    function _move(address from, address to, uint256 amount) private returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount - amount * fee / 100;
        return true;
    }
}`;

export interface TokenOptions {
  readonly decimals: number;
  readonly supply: bigint;
  /** What a transfer loses. */
  readonly feePercent?: number;
}

/** Deploys a token; the whole supply is the sender's. */
export async function deployToken(
  sender: Sender,
  { decimals, supply, feePercent = 0 }: TokenOptions,
): Promise<Address> {
  const types = [{ type: 'uint8' }, { type: 'uint256' }, { type: 'uint256' }] as const;
  const args = encodeAbiParameters(types, [decimals, supply, BigInt(feePercent)]);
  const data = `0x${bytecode()}${args.slice(2)}` as const;
  return getAddress(mustBeSent(await sender.send({ what: 'deploy a token', to: null, data })).contract!);
}

let compiled = '';

function bytecode(): string {
  if (compiled !== '') return compiled;
  const settings = { outputSelection: { '*': { '*': ['evm.bytecode.object'] } } };
  const input = JSON.stringify({ language: 'Solidity', sources: { 'token.sol': { content: SOURCE } }, settings });
  const solc = join(packageFolder(), 'scripts', 'contracts', 'solc.mjs');
  const output = JSON.parse(execFileSync(process.execPath, [solc, '--standard-json'], { input, encoding: 'utf8' }));
  compiled = output.contracts['token.sol'].RewardToken.evm.bytecode.object;
  return compiled;
}
