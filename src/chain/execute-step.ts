/** Has the referee contract execute one instruction on a local chain. Loads viem: import it only where it is needed. */
import { type Address, encodeFunctionData } from 'viem';
import { refereeAbi } from '../../contracts/generated/referee.js';
import { bytesToHex, fromHex, type Hash, toHex } from '../commitments/hash.js';
import { fail, isGensynError } from '../errors/index.js';
import type { StepProof } from '../program/step-proof.js';
import { startAnvil } from './anvil.js';
import { connect } from './connection.js';
import { deploy } from './deploy.js';
import { createSender, mustBeSent, type Sender } from './sender.js';
import { unlockedSigner } from './signer.js';

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

/** Deploys the referee on a local chain, whose node holds the key of its first account. */
export async function deployReferee(url: string): Promise<RefereeContract> {
  const connection = await connect(url);
  const signer = await unlockedSigner(connection, '0');
  const sender = createSender({ connection, signer, pollingMilliseconds: POLLING_MILLISECONDS });
  const { address } = await deploy(connection, sender, 'Referee', []);
  return { execute: (proof) => execute(sender, address, proof) };
}

async function execute(sender: Sender, to: Address, proof: StepProof): Promise<ChainStep> {
  const data = encodeFunctionData({ abi: refereeAbi, functionName: 'executeStep', args: argumentsOf(proof) });
  const call = { what: 'execute the instruction', to, data, gas: GAS_LIMIT };
  const { returned, gasUsed } = mustBeSent(await sender.send(call).catch(refuse));
  return { nextHash: fromHex(returned, 'the next state'), gas: Number(gasUsed) };
}

/** Names the contract's own error where it reverted. */
function refuse(cause: unknown): never {
  if (!isGensynError(cause, 'chain.reverted')) throw cause;
  const { error: reason, name } = cause.data;
  throw fail('chain.proof-refused', { contract: 'Referee', reason: String(reason) }, { cause, data: { error: name } });
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
