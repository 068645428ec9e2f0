/** `deployments/<chain id>.json`: which contracts stand where. Whoever uses one checks what really stands there. */
import { join } from 'node:path';
import { type Abi, decodeAbiParameters } from 'viem';
import { z } from 'zod';
import { bytesToHex, type Hex } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail, isGensynError } from '../errors/index.js';
import { readBoundedFile, writeFileAtomically } from '../files/atomic-file.js';
import { type Connection, persist } from './connection.js';
import { ARTIFACTS, abiHash, type ContractName, isContractName } from './contracts.js';

/** A contract on a chain. */
export interface Deployment {
  readonly address: Hex;
  readonly txHash: Hex;
  readonly block: number;
  /** keccak256 of the ABI. */
  readonly abiHash: Hex;
  /** keccak256 of the code at the address. */
  readonly codeHash: Hex;
  /** The constructor's arguments, ABI-encoded. */
  readonly args: Hex;
}

export interface Deployments {
  readonly schema: 'gensyn.deployments/1';
  readonly chainId: number;
  readonly contracts: Readonly<Partial<Record<ContractName, Deployment>>>;
}

const MAX_FILE_BYTES = 64 << 10;
const SHOWN = 80;

const bytes = (min: number, max = min) =>
  z
    .string()
    .max(2 + 2 * max)
    .regex(new RegExp(`^0x(?:[0-9a-fA-F]{2}){${min},}$`), 'not 0x and hexadecimal digits of that length')
    .transform((text) => text as Hex);

const DEPLOYMENT = z.strictObject({
  address: bytes(20),
  txHash: bytes(32),
  block: z.int().min(0),
  abiHash: bytes(32),
  codeHash: bytes(32),
  args: bytes(0, 8192),
});

const DEPLOYMENTS = z.strictObject({
  schema: z.literal('gensyn.deployments/1'),
  chainId: z.int().min(1),
  contracts: z.record(z.string().regex(/^[A-Z][A-Za-z0-9]{0,63}$/), DEPLOYMENT),
});

/** Where a folder keeps the record of a chain. */
export function deploymentsPath(folder: string, chainId: number): string {
  return join(folder, `${chainId}.json`);
}

/** Writes a record, whole or not at all. @throws `run.not-writable`, `run.disk-full`, `run.not-a-folder` */
export async function writeDeployments(path: string, deployments: Deployments): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(deployments, null, 2)}\n`);
}

/**
 * Reads a record. Contracts that this release does not know are left out.
 *
 * @throws `run.missing`, `run.not-readable`, `chain.deployments-invalid`, `chain.wrong-chain`
 */
export async function readDeployments(path: string): Promise<Deployments> {
  const content = await readBoundedFile(path, 'record of deployments', MAX_FILE_BYTES).catch((error: unknown) => {
    if (!isGensynError(error, 'run.too-large')) throw error;
    throw fail('chain.deployments-invalid', { path, reason: 'it is too large' }, { cause: error });
  });
  return parseDeployments(content, path);
}

/** Checks the text of a record. @throws `chain.deployments-invalid` */
export function parseDeployments(content: Uint8Array, path: string): Deployments {
  let document: unknown;
  try {
    document = parseJsonStrict(content, { maxBytes: MAX_FILE_BYTES, maxDepth: 8, name: path });
  } catch (cause) {
    throw fail('chain.deployments-invalid', { path, reason: 'it is not proper JSON' }, { cause });
  }
  const parsed = DEPLOYMENTS.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join('.').slice(0, SHOWN) || 'document';
    throw fail('chain.deployments-invalid', { path, reason: `${place}: ${issue?.message.slice(0, SHOWN)}` });
  }
  const known = Object.entries(parsed.data.contracts).filter(([name]) => isContractName(name));
  return { ...parsed.data, contracts: Object.fromEntries(known) };
}

/**
 * The address of a recorded contract, after a look at what stands there: it must have the recorded code, and that must be
 * what this release's contract becomes with the recorded arguments; and so for the contracts that it needs. So no record can pass another
 * contract off as ours.
 *
 * @param path - names the record in messages
 * @throws `chain.wrong-chain`, `chain.no-deployment`, `chain.deployment-mismatch`
 */
export async function useDeployment(
  connection: Connection,
  deployments: Deployments,
  contract: ContractName,
  path: string,
): Promise<Deployment> {
  const { chainId, contracts } = deployments;
  const { node, chainId: have } = connection;
  if (chainId !== have) throw fail('chain.wrong-chain', { node, have, want: chainId });
  const found = contracts[contract];
  if (found === undefined) throw fail('chain.no-deployment', { path, contract, chain: chainId });
  const expect = (what: string, have: string, want: string): void => {
    if (have.toLowerCase() === want.toLowerCase()) return;
    throw fail('chain.deployment-mismatch', { contract, address: found.address, what, have, want });
  };
  expect('the hash of its interface', found.abiHash, abiHash(ARTIFACTS[contract]));
  expect('the hash of its code', await codeHashAt(connection, found.address), found.codeHash);
  expect('the hash of its code', found.codeHash, await codeHashOfCreation(connection, contract, found.args));
  for (const [at, needed] of ARTIFACTS[contract].needs.entries()) {
    const { address } = await useDeployment(connection, deployments, needed, path);
    expect(`its ${needed}`, `0x${found.args.slice(2 + 64 * at + 24, 2 + 64 * (at + 1))}`, address);
  }
  return found;
}

/** The constructor's arguments, in their order. @throws `chain.deployments-invalid` */
export function constructorArguments(contract: ContractName, { args }: Deployment, path: string): readonly unknown[] {
  const abi: Abi = ARTIFACTS[contract].abi;
  try {
    return decodeAbiParameters(abi.find((item) => item.type === 'constructor')?.inputs ?? [], args);
  } catch (cause) {
    const reason = `${contract}: its arguments are not those of its constructor`;
    throw fail('chain.deployments-invalid', { path, reason }, { cause });
  }
}

/** keccak256 of the code at an address. */
export async function codeHashAt(connection: Connection, address: Hex): Promise<Hex> {
  return hashOfCode(await persist(connection, () => connection.client.getCode({ address })));
}

/** keccak256 of what a contract becomes with these arguments: its creation, simulated. */
async function codeHashOfCreation(connection: Connection, contract: ContractName, args: Hex): Promise<Hex> {
  const data = `${ARTIFACTS[contract].bytecode}${args.slice(2)}` as const;
  return hashOfCode((await persist(connection, () => connection.client.call({ data }))).data);
}

function hashOfCode(code: Hex | undefined): Hex {
  return bytesToHex(keccak256(Buffer.from((code ?? '0x').slice(2), 'hex')));
}
