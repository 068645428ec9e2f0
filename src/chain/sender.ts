/**
 * The only file that sends transactions. Everything is simulated first. A transaction is signed here before it is sent, so
 * that its hash is known whatever the node answers, or does not answer: it is offered again until it is mined, always
 * with the same nonce, and can therefore be mined only once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { keccak256, type Log, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { type ErrorCode, fail, type GensynError, isGensynError } from '../errors/index.js';
import { type Call, type PreparedCall, prepare, simulate } from './call.js';
import { type Connection, persist } from './connection.js';
import { type Fees, MAX_RAISES, raised } from './fees.js';
import { causesOf } from './revert.js';
import type { Address, Signer } from './signer.js';

type Hex = `0x${string}`;

/** A mined transaction. */
export interface Sent {
  readonly kind: 'sent';
  readonly what: string;
  readonly hash: Hex;
  readonly block: bigint;
  readonly gasUsed: bigint;
  /** Wei paid for gas. */
  readonly fee: bigint;
  /** The contract it made. */
  readonly contract: Address | null;
  readonly logs: readonly Log[];
  /** What the call returned in the simulation. */
  readonly returned: Hex;
}

/** What would have been sent. */
export interface DryRun extends PreparedCall {
  readonly kind: 'dry-run';
}

export interface SenderOptions {
  readonly connection: Connection;
  readonly signer: Signer;
  /** Simulate and send nothing. */
  readonly dryRun?: boolean;
  /** Blocks that must hold or follow the transaction; 1 unless told. */
  readonly confirmations?: number;
  readonly pollingMilliseconds?: number;
  /** How long an offer stands before its fee is raised. */
  readonly raiseAfterMilliseconds?: number;
  /** Told before each offer. */
  onOffer?(offer: { readonly what: string; readonly hash: Hex; readonly nonce: number; readonly fees: Fees }): void;
  /** Told where the waiting ends by its signal while a transaction is under way, which may still be mined. */
  onAbandoned?(offer: { readonly what: string; readonly hash: Hex }): void;
}

/** Sends the transactions of one account, one after another. */
export interface Sender {
  readonly address: Address;
  /** Simulates only. @throws `chain.reverted`, `chain.insufficient-funds` */
  prepare(call: Call): Promise<PreparedCall>;
  /**
   * Simulates, sends, and waits for the confirmations.
   *
   * @throws `chain.reverted`, `chain.insufficient-funds`, `chain.transaction-failed`, `chain.nonce-used`,
   *   `chain.not-mined`, `chain.fate-unknown`, `chain.rpc-unreachable`, `chain.rpc-failed`
   */
  send(call: Call): Promise<Sent | DryRun>;
}

/** Makes a sender. Use one for an account: two would take each other's nonces. */
export function createSender(options: SenderOptions): Sender {
  const { connection, signer, dryRun = false } = options;
  let last: Promise<unknown> = Promise.resolve();
  const send = async (call: Call): Promise<Sent | DryRun> => {
    const prepared = await prepare(connection, signer.address, call);
    return dryRun ? { kind: 'dry-run', ...prepared } : new Transmission(options, prepared).run();
  };
  return {
    address: signer.address,
    prepare: (call) => prepare(connection, signer.address, call),
    send: (call) => {
      const next = last.then(() => send(call));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** The result of a sender that is known not to be on a dry run. */
export function mustBeSent(result: Sent | DryRun): Sent {
  if (result.kind !== 'sent') throw new Error(`a dry run where a transaction was needed: ${result.what}`);
  return result;
}

const [POLLING, RAISE_AFTER, OFFER_AGAIN] = [500, 60_000, 15_000];
/** A node behind others can know that the nonce is used before it knows the receipt. */
const LOOKS_UNTIL_LOST = 4;

const KNOWN = /already known|already imported|known transaction|already exists/i;
const NONCE_USED = /nonce (?:is )?too low|nonce has already been used|old nonce/i;
const UNDERPRICED = /underpriced|less than (?:the )?block base fee|fee too low|below base ?fee|lower than the minimum/i;

/** What can go wrong with a node while a transaction is under way. */
const NODE_TROUBLE: ReadonlySet<string> = new Set<ErrorCode>([
  'chain.rpc-unreachable',
  'chain.rpc-failed',
  'chain.invalid-answer',
]);

/** One transaction under way, in up to `MAX_RAISES` + 1 versions of which one can be mined. */
class Transmission {
  readonly #options: SenderOptions;
  readonly #call: PreparedCall;
  readonly #hashes: Hex[] = [];
  #raw: Hex = '0x';
  #nonce = 0;
  /** Whether a node has, or may have, one of the versions: from then on any of them can be mined. */
  #isOut = false;

  constructor(options: SenderOptions, call: PreparedCall) {
    this.#options = options;
    this.#call = call;
  }

  async run(): Promise<Sent> {
    const { connection, signer } = this.#options;
    this.#nonce = await persist(connection, () =>
      connection.client.getTransactionCount({ address: signer.address, blockTag: 'pending' }),
    );
    const receipt = await this.#transmit().catch((error: unknown) => {
      throw this.#isOut ? this.#leftOut(error) : error;
    });
    if (receipt === null) throw this.#failure('chain.not-mined');
    return this.#result(receipt);
  }

  /** The receipt of the version that was mined; null where none was, at any fee. */
  async #transmit(): Promise<TransactionReceipt | null> {
    let { fees } = this.#call;
    for (let raise = 0; raise <= MAX_RAISES; raise++, fees = raised(fees)) {
      await this.#sign(fees);
      const priced = await this.#offer();
      const receipt = priced ? await this.#wait() : null;
      if (receipt !== null) return receipt;
    }
    return null;
  }

  /** What is told where the waiting fails: never only what was wrong with the node, for the transaction is on its way. */
  #leftOut(error: unknown): unknown {
    const { connection, onAbandoned } = this.#options;
    const [hash, what] = [this.#hashes.at(-1)!, this.#call.what];
    if (connection.patience.signal?.aborted === true) onAbandoned?.({ what, hash });
    if (!isGensynError(error) || !NODE_TROUBLE.has(error.code)) return error;
    const data = { hashes: [...this.#hashes] };
    return fail('chain.fate-unknown', { hash, what, reason: error.message }, { cause: error, data });
  }

  async #sign(fees: Fees): Promise<void> {
    const { connection, signer, onOffer } = this.#options;
    const { what, to, data, value, gas } = this.#call;
    const nonce = this.#nonce;
    const common = { type: 'eip1559', chainId: connection.chainId, nonce, to, data, value, gas } as const;
    this.#raw = await signer.sign({ ...common, ...fees });
    const hash = keccak256(this.#raw);
    this.#hashes.push(hash);
    onOffer?.({ what, hash, nonce, fees });
  }

  /** Gives the transaction to the node. False where it asks for a higher fee. */
  async #offer(): Promise<boolean> {
    const { connection, signer } = this.#options;
    try {
      await persist(connection, () => connection.client.sendRawTransaction({ serializedTransaction: this.#raw }));
      this.#isOut = true;
      return true;
    } catch (error) {
      // A request without an answer may have arrived.
      this.#isOut ||= isGensynError(error, 'chain.rpc-unreachable') || isGensynError(error, 'chain.invalid-answer');
      const says = (pattern: RegExp) =>
        causesOf(error).some(({ message }: { message?: string }) => pattern.test(message ?? ''));
      // Whether it was ours that used the nonce, the receipts tell.
      if (says(KNOWN) || says(NONCE_USED)) {
        this.#isOut = true;
        return true;
      }
      if (says(UNDERPRICED)) return false;
      // One version is under way, whatever is said of this one: even that the account cannot pay for a raised fee.
      if (this.#isOut && isGensynError(error, 'chain.rpc-failed')) return true;
      if (says(/insufficient funds/i)) await this.#notFunded(signer.address, error);
      throw error;
    }
  }

  /** The receipt of any version once it has its confirmations; null when it is time to raise the fee. */
  async #wait(): Promise<TransactionReceipt | null> {
    const { pollingMilliseconds = POLLING, raiseAfterMilliseconds = RAISE_AFTER, confirmations = 1 } = this.#options;
    const { connection } = this.#options;
    const raiseAt = performance.now() + raiseAfterMilliseconds;
    let offeredAt = performance.now();
    for (let lost = 0; ; ) {
      // Read anew each time: until it has its confirmations, a reorganisation can take it out of the chain again.
      const receipt = await this.#receipt();
      if (receipt !== null) {
        const head = await persist(connection, () => connection.client.getBlockNumber());
        if (head - receipt.blockNumber + 1n >= BigInt(confirmations)) return receipt;
      } else {
        lost = (await this.#nonceIsUsed()) ? lost + 1 : 0;
        if (lost >= LOOKS_UNTIL_LOST) throw this.#failure('chain.nonce-used');
        if (lost === 0 && performance.now() > raiseAt) return null;
        if (performance.now() - offeredAt > Math.min(OFFER_AGAIN, raiseAfterMilliseconds / 4)) {
          await this.#offer();
          offeredAt = performance.now();
        }
      }
      await pause(pollingMilliseconds, undefined, { signal: connection.patience.signal });
    }
  }

  async #receipt(): Promise<TransactionReceipt | null> {
    const { connection } = this.#options;
    for (const hash of this.#hashes.toReversed()) {
      const receipt = await persist(connection, () => connection.client.getTransactionReceipt({ hash })).catch(
        (error) => {
          if (causesOf(error).some((cause) => cause instanceof TransactionReceiptNotFoundError)) return null;
          throw error;
        },
      );
      if (receipt !== null) return receipt;
    }
    return null;
  }

  async #nonceIsUsed(): Promise<boolean> {
    const { connection, signer } = this.#options;
    const request = { address: signer.address, blockTag: 'latest' } as const;
    return (await persist(connection, () => connection.client.getTransactionCount(request))) > this.#nonce;
  }

  async #result(receipt: TransactionReceipt): Promise<Sent> {
    const { what, returned } = this.#call;
    const { transactionHash: hash, blockNumber: block, gasUsed, effectiveGasPrice, contractAddress, logs } = receipt;
    if (receipt.status !== 'success') throw await this.#failed(receipt);
    const fee = gasUsed * effectiveGasPrice;
    return { kind: 'sent', what, hash, block, gasUsed, fee, contract: contractAddress ?? null, logs, returned };
  }

  /** Why a mined transaction failed: the same call once more, on the state that its block left. */
  async #failed({ transactionHash: hash, blockNumber: block, gasUsed }: TransactionReceipt): Promise<GensynError> {
    const { connection, signer } = this.#options;
    const { what, gas } = this.#call;
    const outOfGas = gasUsed >= gas ? 'it ran out of gas' : 'it gave no reason';
    const again: unknown = await simulate(connection, signer.address, this.#call, block).catch(
      (error: unknown) => error,
    );
    const known = isGensynError(again, 'chain.reverted') ? again.data : {};
    const error = String(known['error'] ?? outOfGas);
    const data = { name: known['name'] ?? null, args: known['args'] ?? {}, gasUsed };
    return fail('chain.transaction-failed', { hash, what, block, error }, { data });
  }

  async #notFunded(account: Address, cause: unknown): Promise<never> {
    const { connection } = this.#options;
    const { what, value, gas, fees } = this.#call;
    const have = await persist(connection, () => connection.client.getBalance({ address: account }));
    const want = value + gas * fees.maxFeePerGas;
    throw fail('chain.insufficient-funds', { account, have, want, what }, { cause });
  }

  #failure(code: 'chain.nonce-used' | 'chain.not-mined'): GensynError {
    const { raiseAfterMilliseconds = RAISE_AFTER, signer } = this.#options;
    const [hash, what] = [this.#hashes.at(-1)!, this.#call.what];
    const data = { hashes: [...this.#hashes] };
    if (code === 'chain.nonce-used')
      return fail(code, { nonce: this.#nonce, account: signer.address, hash, what }, { data });
    const seconds = Math.round((raiseAfterMilliseconds * (MAX_RAISES + 1)) / 1000);
    return fail(code, { hash, what, seconds, raises: MAX_RAISES }, { data });
  }
}
