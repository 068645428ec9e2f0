/** From the options of a command to a node and to an account. Loads viem: import it where it is needed. */
import { type Connection, connect, rpcUrl } from '../../src/chain/connection.js';
import { openKeystoreFile } from '../../src/chain/keystore.js';
import { keySigner, type Signer, unlockedSigner } from '../../src/chain/signer.js';
import { fail } from '../../src/errors/index.js';
import type { AccountOptions, NodeOptions } from '../chain-options.js';
import type { Invocation } from '../context.js';
import { keystorePassword } from '../password.js';

/** How long commands wait for a node that went away. */
const PATIENCE_MILLISECONDS = 120_000;

/**
 * Connects to the node that the options or `ETH_RPC_URL` name. A node that is lost later is waited for, with a warning.
 *
 * @param chainId - the chain it must be
 * @throws `chain.no-rpc-url`, `chain.rpc-url-invalid`, `chain.rpc-unreachable`, `chain.rpc-failed`, `chain.wrong-chain`
 */
export async function openConnection(
  { rpcUrl: option }: NodeOptions,
  { io, signal, warn }: Invocation,
  chainId?: number,
): Promise<Connection> {
  const url = rpcUrl(option, io.environment);
  // One that is not there at all is a mistake more often than a passing trouble, so that only later losses are waited for.
  const connection = await connect(url, chainId === undefined ? {} : { chainId });
  const onLoss = (lost: boolean, reason: string): void =>
    warn(lost ? `${reason} Waiting for it.` : `the node at ${connection.node} is back`);
  return { ...connection, patience: { milliseconds: PATIENCE_MILLISECONDS, signal, onLoss } };
}

/**
 * The account that the options or `ETH_KEYSTORE` name.
 *
 * @throws `command.conflict`, `command.requires`, `chain.no-account`, `chain.unlocked-elsewhere`, `chain.not-unlocked`, and
 *   what opening a keystore throws
 */
export async function openSigner(
  connection: Connection,
  { keystore, passwordFile, unlocked }: AccountOptions,
  invocation: Invocation,
): Promise<Signer> {
  if (unlocked !== undefined) {
    const [other] = [keystore && '--keystore', passwordFile && '--password-file'].filter((flag) => flag);
    if (other !== undefined) throw fail('command.conflict', { first: '--unlocked', second: other });
    return unlockedSigner(connection, unlocked);
  }
  const path = keystore ?? invocation.io.environment['ETH_KEYSTORE'];
  if (path !== undefined && path !== '') {
    return keySigner(await openKeystoreFile(path, await keystorePassword(invocation, path, passwordFile)));
  }
  if (passwordFile !== undefined) throw fail('command.requires', { option: '--password-file', needed: '--keystore' });
  throw fail('chain.no-account', {});
}
