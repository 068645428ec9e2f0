/** The way to a node: its address, its chain, and requests that outlive a lost connection. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  createPublicClient,
  HttpRequestError,
  http,
  type PublicClient,
  ResponseBodyTooLargeError,
  RpcRequestError,
  TimeoutError,
} from 'viem';
import { fail, isGensynError } from '../errors/index.js';
import { causesOf, printable, revertData } from './revert.js';

/** A node, and the chain that it was found to serve. */
export interface Connection {
  readonly client: PublicClient;
  readonly chainId: number;
  /** Host and port. Not the address: people's paths hold their keys. */
  readonly node: string;
  readonly patience: Patience;
}

/** How long a lost node is waited for. */
export interface Patience {
  readonly milliseconds: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Told once when the node is lost and once when it is back. */
  onLoss?(lost: boolean, reason: string): void;
}

export interface ConnectOptions {
  /** The chain that it must be. */
  readonly chainId?: number;
  /** No waiting for a lost node unless told. */
  readonly patience?: Patience;
  /** Milliseconds until a request counts as unanswered. */
  readonly timeout?: number;
}

const TIMEOUT_MILLISECONDS = 10_000;
const [FIRST_PAUSE, LONGEST_PAUSE] = [100, 5_000];
const MAX_RESPONSE_BYTES = 8 << 20;
const MAX_URL_LENGTH = 2048;

/**
 * The address of the node: the option, or else `ETH_RPC_URL`.
 *
 * @throws `chain.no-rpc-url`
 */
export function rpcUrl(option: string | undefined, environment: Readonly<Record<string, string | undefined>>): string {
  const url = option ?? environment['ETH_RPC_URL'];
  if (url === undefined || url === '') throw fail('chain.no-rpc-url', {});
  return url;
}

/**
 * Connects to a node.
 *
 * @throws `chain.rpc-url-invalid`, `chain.rpc-unreachable`, `chain.rpc-failed`, `chain.wrong-chain`
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Connection> {
  const { chainId: wanted, patience = { milliseconds: 0 }, timeout = TIMEOUT_MILLISECONDS } = options;
  const node = hostOf(url);
  // Retries are ours alone, or they would multiply. CCIP would have a contract choose addresses that we fetch.
  const transport = http(url, { timeout, retryCount: 0, maxResponseBodySize: MAX_RESPONSE_BYTES });
  const client = createPublicClient({ transport, ccipRead: false, cacheTime: 0 });
  const chainId = await persist({ node, patience }, () => client.getChainId());
  if (!Number.isSafeInteger(chainId) || chainId < 1) {
    throw fail('chain.invalid-answer', { node, method: 'eth_chainId', reason: String(chainId).slice(0, 40) });
  }
  if (wanted !== undefined && chainId !== wanted)
    throw fail('chain.wrong-chain', { node, have: chainId, want: wanted });
  return { client, chainId, node, patience };
}

/**
 * Does `work`, again and again while the node cannot be reached and patience lasts. Do nothing in it that must not happen
 * twice, and nothing but requests.
 *
 * @param isDivisible - whether the request can be asked for in smaller pieces: then "too much" is an answer, and not waited for
 * @throws `chain.rpc-unreachable`, `chain.rpc-failed`, `chain.invalid-answer`; reverts and errors of other kinds as they are
 */
export async function persist<T>(
  { node, patience }: Pick<Connection, 'node' | 'patience'>,
  work: () => Promise<T>,
  isDivisible = false,
): Promise<T> {
  const deadline = performance.now() + patience.milliseconds;
  for (let wait = FIRST_PAUSE, lost = false; ; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
    patience.signal?.throwIfAborted();
    try {
      const result = await work();
      if (lost) patience.onLoss?.(false, '');
      return result;
    } catch (error) {
      const known = knownError(error, node, isDivisible);
      if (lost && !isGensynError(known, 'chain.rpc-unreachable')) patience.onLoss?.(false, '');
      if (!isGensynError(known, 'chain.rpc-unreachable') || performance.now() + wait > deadline) throw known;
      if (!lost) patience.onLoss?.(true, known.message);
      lost = true;
      await pause(wait, undefined, { signal: patience.signal });
    }
  }
}

/** Methods whose answers can be had in pieces. */
const DIVISIBLE: ReadonlySet<string> = new Set(['eth_getLogs']);

/** A request that viem has no function for. The answer can be anything. */
export function request(connection: Connection, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const ask = connection.client.request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  return persist(connection, () => ask({ method, params }), DIVISIBLE.has(method));
}

/** HTTP answers that say "not now" and nothing about the request. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What stands between us and the node, as an error of the catalogue; reverts and all else as they are. */
function knownError(error: unknown, node: string, isDivisible: boolean): unknown {
  for (const cause of causesOf(error)) {
    if (cause instanceof TimeoutError) {
      return fail('chain.rpc-unreachable', { node, reason: 'no answer in time' }, { cause: error });
    }
    if (cause instanceof HttpRequestError) return httpError(cause, node);
    if (cause instanceof ResponseBodyTooLargeError) return invalidAnswer(node, 'it is too large', error);
    if (cause instanceof RpcRequestError) return isRevert(error) ? error : rpcError(cause, node, isDivisible, error);
  }
  // viem trips over numbers that are none, and over fields that are missing.
  const tripped = error instanceof Error && ['SyntaxError', 'RangeError', 'TypeError'].includes(error.name);
  return tripped ? invalidAnswer(node, printable(error.message), error) : error;
}

/** What viem throws where a contract is called. Only there can an answer be a revert, whatever a node says elsewhere. */
const CALL_ERRORS: ReadonlySet<unknown> = new Set(['CallExecutionError', 'EstimateGasExecutionError']);

function isRevert(error: unknown): boolean {
  return causesOf(error).some(({ name }: { name?: unknown }) => CALL_ERRORS.has(name)) && revertData(error) !== null;
}

function invalidAnswer(node: string, reason: string, cause: unknown): unknown {
  return fail('chain.invalid-answer', { node, method: 'a request', reason }, { cause });
}

/** Codes with which providers say "too many requests" in a proper answer. */
const RATE_LIMITS: ReadonlySet<number> = new Set([429, -32005, -32007]);
/** The code of EIP-1474 for both: too many requests, and one that asks for too much. Only the text tells which. */
const LIMIT_EXCEEDED = -32005;
const TOO_MUCH = /more than|range|results?\b|too large|response size|^limit exceeded/i;
const TOO_OFTEN = /\brate\b|per second|too many requests|request count|capacity/i;

function rpcError({ code, details }: RpcRequestError, node: string, isDivisible: boolean, error: unknown): unknown {
  const isTooMuch = code === LIMIT_EXCEEDED && isDivisible && TOO_MUCH.test(details) && !TOO_OFTEN.test(details);
  const kind = RATE_LIMITS.has(code) && !isTooMuch ? 'chain.rpc-unreachable' : 'chain.rpc-failed';
  const reason = printable(typeof details === 'string' && details !== '' ? details : `error ${code}, without a text`);
  return fail(kind, { node, reason }, { cause: error });
}

function httpError(error: HttpRequestError, node: string): unknown {
  const { status } = error;
  if (status === undefined) {
    const causes = causesOf(error) as readonly { readonly name?: unknown; readonly code?: unknown }[];
    if (causes.some(({ name }) => name === 'SyntaxError')) return invalidAnswer(node, 'it is not JSON', error);
    const system = causes.find(({ code }) => typeof code === 'string');
    const reason = String(system?.code ?? 'no connection');
    return fail('chain.rpc-unreachable', { node, reason }, { cause: error });
  }
  const code = PASSING.has(status) ? 'chain.rpc-unreachable' : 'chain.rpc-failed';
  return fail(code, { node, reason: `HTTP status ${status}` }, { cause: error });
}

function hostOf(text: string): string {
  const invalid = (reason: string) => fail('chain.rpc-url-invalid', { reason });
  if (text.length > MAX_URL_LENGTH) throw invalid(`it has ${text.length} characters`);
  if (!URL.canParse(text)) throw invalid('it is not an URL');
  const { protocol, host, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw invalid(`it begins with ${protocol}, not with http(s):`);
  // fetch refuses them with a message that holds them.
  if (username !== '' || password !== '') throw invalid('it holds a user name or a password');
  return host;
}
