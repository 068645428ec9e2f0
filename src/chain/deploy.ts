/** Deploys the contracts of this release, in the order of a table. */
import { type Abi, encodeAbiParameters, getContractAddress } from 'viem';
import type { Hex } from '../commitments/hash.js';
import type { Call, PreparedCall } from './call.js';
import { type Connection, persist } from './connection.js';
import { ARTIFACTS, type Artifact, abiHash, type ContractName } from './contracts.js';
import { codeHashAt, type Deployment, type Deployments } from './deployments.js';
import { mustBeSent, type Sender } from './sender.js';

/** A contract to deploy. */
export interface Planned {
  readonly name: ContractName;
  /** The constructor's arguments; those deployed before it can be among them. */
  arguments(deployed: Readonly<Partial<Record<ContractName, Pick<Deployment, 'address'>>>>): readonly unknown[];
}

/** What a deployment of the game fixes for good, for every job that is ever posted there. */
export interface GameLimits {
  /** Seconds: the shortest clock that a job may give each side. */
  readonly minClock: number;
  /** Seconds: the shortest time in which a claim may be disputed. */
  readonly minWindow: number;
  /** Gas that a game costs the solver at most; the challenger's bond is a multiple of it. */
  readonly solverGas: number;
  /** Gas that a game costs the challenger at most. */
  readonly challengerGas: number;
  /** How much of a slashed bond is burnt. */
  readonly burnPercent: number;
}

/** What makes a working set of contracts, each after those that it needs. */
export function deploymentPlan(limits: GameLimits): readonly Planned[] {
  return [
    { name: 'Referee', arguments: () => [] },
    { name: 'Game', arguments: ({ Referee }) => [Referee?.address, limits] },
  ];
}

/**
 * Deploys a plan.
 *
 * @param onDeployed - told after each contract
 * @throws what {@link Sender.send} throws
 */
export async function deployAll(
  connection: Connection,
  sender: Sender,
  plan: readonly Planned[],
  onDeployed?: (name: ContractName, deployment: Deployment) => void,
): Promise<Deployments> {
  const contracts: Partial<Record<ContractName, Deployment>> = {};
  for (const { name, arguments: argumentsOf } of plan) {
    const deployment = await deploy(connection, sender, name, argumentsOf(contracts));
    contracts[name] = deployment;
    onDeployed?.(name, deployment);
  }
  return { schema: 'gensyn.deployments/1', chainId: connection.chainId, contracts };
}

/**
 * What deploying a plan would send and cost, with the addresses that the contracts would get.
 *
 * @throws what {@link Sender.prepare} throws
 */
export async function prepareAll(
  connection: Connection,
  sender: Sender,
  plan: readonly Planned[],
): Promise<readonly { readonly address: Hex; readonly call: PreparedCall }[]> {
  const { address: from } = sender;
  const first = await persist(connection, () => connection.client.getTransactionCount({ address: from }));
  const contracts: Partial<Record<ContractName, Pick<Deployment, 'address'>>> = {};
  const prepared: { address: Hex; call: PreparedCall }[] = [];
  for (const [at, { name, arguments: argumentsOf }] of plan.entries()) {
    const call = await sender.prepare(creationCall(name, argumentsOf(contracts)));
    const address = getContractAddress({ from, nonce: BigInt(first + at) });
    contracts[name] = { address };
    prepared.push({ address, call });
  }
  return prepared;
}

/** Deploys one contract. */
export async function deploy(
  connection: Connection,
  sender: Sender,
  name: ContractName,
  values: readonly unknown[],
): Promise<Deployment> {
  const { args, ...call } = creationCall(name, values);
  const sent = mustBeSent(await sender.send(call));
  if (sent.contract === null) throw new Error(`the deployment of ${name} made no contract`);
  const codeHash = await codeHashAt(connection, sent.contract);
  return {
    address: sent.contract,
    txHash: sent.hash,
    block: Number(sent.block),
    abiHash: abiHash(ARTIFACTS[name]),
    codeHash,
    args,
  };
}

/** The call that makes a contract; `args` are the encoded arguments at its end. */
function creationCall(name: ContractName, values: readonly unknown[]): Call & { readonly args: Hex } {
  const artifact: Artifact = ARTIFACTS[name];
  const args = encodeConstructor(artifact.abi, values);
  return { what: `deploy ${name}`, to: null, data: `${artifact.bytecode}${args.slice(2)}`, args };
}

function encodeConstructor(abi: Abi, values: readonly unknown[]): Hex {
  const constructor = abi.find((item) => item.type === 'constructor');
  return encodeAbiParameters(constructor?.inputs ?? [], values);
}
