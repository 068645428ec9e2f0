/** The compiled libraries behind typed functions: each call runs bytecode on a local chain. */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeErrorResult,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem';
import { refereeAbi, refereeRuntimeBytecode } from '../../contracts/generated/referee.js';
import { refereeHarnessAbi, refereeHarnessRuntimeBytecode } from '../../contracts/generated/referee-harness.js';
import type { Hex } from '../../src/commitments/hash.js';
import { type LocalChain, startLocalChain } from './local-chain.js';

type Read = 'pure' | 'view';

/** Calls a function of one contract. Throws {@link Revert} where it reverts. */
export type Caller<TAbi extends Abi> = <TName extends ContractFunctionName<TAbi, Read>>(
  functionName: TName,
  args: ContractFunctionArgs<TAbi, Read, TName>,
) => Promise<ContractFunctionReturnType<TAbi, Read, TName>>;

/** A custom error of a contract. */
export class Revert extends Error {
  readonly errorName: string;
  readonly args: readonly unknown[];
  constructor(errorName: string, args: readonly unknown[]) {
    super(`${errorName}(${args.join(', ')})`);
    this.errorName = errorName;
    this.args = args;
  }
}

export const REFEREE_ADDRESS: Hex = '0x00000000000000000000000000000000000e0001';
const HARNESS_ADDRESS: Hex = '0x00000000000000000000000000000000000e0002';

export interface Contracts {
  readonly chain: LocalChain;
  readonly referee: Caller<typeof refereeAbi>;
  readonly harness: Caller<typeof refereeHarnessAbi>;
  stop(): Promise<void>;
}

/** A local chain with the referee and its harness. It must be stopped. */
export async function startContracts(): Promise<Contracts> {
  const chain = await startLocalChain();
  await chain.setCode(REFEREE_ADDRESS, refereeRuntimeBytecode);
  await chain.setCode(HARNESS_ADDRESS, refereeHarnessRuntimeBytecode);
  return {
    chain,
    referee: createCaller(chain, REFEREE_ADDRESS, refereeAbi),
    harness: createCaller(chain, HARNESS_ADDRESS, refereeHarnessAbi),
    stop: () => chain.stop(),
  };
}

function createCaller<TAbi extends Abi>(chain: LocalChain, address: Hex, abi: TAbi): Caller<TAbi> {
  // viem ties ABI, name and arguments together in types that only its own calls can infer.
  const untyped = abi as Abi;
  return async (functionName, args) => {
    const name: string = functionName;
    const data = encodeFunctionData({ abi: untyped, functionName: name, args: args as readonly unknown[] });
    const output = await chain.call(address, data);
    if (typeof output === 'string')
      return decodeFunctionResult({ abi: untyped, functionName: name, data: output }) as never;
    const { errorName, args: details } = decodeErrorResult({ abi: untyped, data: output.revert });
    throw new Revert(errorName, (details ?? []) as readonly unknown[]);
  };
}
