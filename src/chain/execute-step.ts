/** Has the referee contract execute one instruction on a local chain. Loads viem: import it only where it is needed. */
import {
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  encodeFunctionData,
  http,
  publicActions,
} from 'viem';
import { refereeAbi, refereeBytecode } from '../../contracts/generated/referee.js';
import { bytesToHex, fromHex, type Hash, toHex } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import type { StepProof } from '../program/step-proof.js';
import { startAnvil } from './anvil.js';

export interface ChainStep {
  /** The hash of the state after the instruction, as the contract computes it. */
  readonly nextHash: Hash;
  /** Gas of a transaction that executes the step, its data and its base cost included. */
  readonly gas: number;
}

/** More than any step needs, and less than a transaction may have. */
const GAS_LIMIT = 16_000_000n;
const POLLING_MILLISECONDS = 20;

/** A deployed referee contract. */
export interface RefereeContract {
  /** Executes a proof. @throws `chain.proof-refused` naming the contract's error */
  execute(proof: StepProof): Promise<ChainStep>;
}

/**
 * Starts a local chain, deploys the referee, and executes a proof on it. The chain is gone afterwards.
 *
 * @throws `chain.anvil-missing`, `chain.anvil-failed`, `chain.proof-refused`
 */
export async function executeStepOnLocalChain(proof: StepProof): Promise<ChainStep> {
  const anvil = await startAnvil();
  try {
    return await (await deployReferee(anvil.url)).execute(proof);
  } finally {
    await anvil.stop();
  }
}

/** Deploys the referee on a chain whose node holds the key of its first account, as anvil does. */
export async function deployReferee(url: string): Promise<RefereeContract> {
  const client = createWalletClient({ transport: http(url) }).extend(publicActions);
  const [account] = await client.getAddresses();
  if (account === undefined) throw new Error('the local chain has no account');
  const receiptOf = (hash: `0x${string}`) =>
    client.waitForTransactionReceipt({ hash, pollingInterval: POLLING_MILLISECONDS });
  const deployment = await client.deployContract({ abi: refereeAbi, bytecode: refereeBytecode, account, chain: null });
  const { contractAddress: to } = await receiptOf(deployment);
  if (to == null) throw new Error('the deployment made no contract');
  return {
    execute: async (proof) => {
      const call = { abi: refereeAbi, functionName: 'executeStep', args: argumentsOf(proof) } as const;
      const nextHash = await client.readContract({ address: to, ...call }).catch(refuse);
      const data = encodeFunctionData(call);
      const sent = await client.sendTransaction({ account, chain: null, to, data, gas: GAS_LIMIT });
      const { gasUsed } = await receiptOf(sent);
      return { nextHash: fromHex(nextHash, 'the next state'), gas: Number(gasUsed) };
    },
  };
}

/** Names the contract's own error where it reverted. */
function refuse(error: unknown): never {
  if (!(error instanceof BaseError)) throw error;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  const data = reverted instanceof ContractFunctionRevertedError ? reverted.data : undefined;
  const reason = data === undefined ? error.shortMessage : `${data.errorName}(${data.args?.join(', ') ?? ''})`;
  const facts = { error: data?.errorName ?? null };
  throw fail('chain.proof-refused', { contract: 'Referee', reason }, { cause: error, data: facts });
}

/** A proof as the arguments of `executeStep`. */
function argumentsOf({ frame, operator, state, code, operand }: StepProof) {
  return [
    {
      ...frame,
      operatorLeaf: toHex(frame.operatorLeaf),
      state: toHex(frame.state),
      temporaryRoot: toHex(frame.temporaryRoot),
      stateRoot: toHex(frame.stateRoot),
      constantRoot: toHex(frame.constantRoot),
    },
    { ...operator, code: toHex(operator.code) },
    bytesToHex(state),
    bytesToHex(code),
    {
      tensor: toHex(operand.tensor),
      tensorSiblings: operand.tensorSiblings.map(toHex),
      chunk: operand.chunk.map(toHex),
      chunkSiblings: operand.chunkSiblings.map(toHex),
    },
  ] as const;
}
