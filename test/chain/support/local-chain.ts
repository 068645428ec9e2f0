/** A local chain for the tests of a file, with what only a local chain does. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { type Anvil, startAnvil } from '../../../src/chain/anvil.js';
import { type Connection, connect, request } from '../../../src/chain/connection.js';
import { createSender, type Sender, type SenderOptions } from '../../../src/chain/sender.js';
import { unlockedSigner } from '../../../src/chain/signer.js';
import { type GensynError, isGensynError } from '../../../src/errors/index.js';

export interface LocalChain {
  readonly url: string;
  readonly connection: Connection;
  ask(method: string, ...params: unknown[]): Promise<unknown>;
  sender(account: number, options?: Partial<SenderOptions>): Promise<Sender>;
}

/** Starts it before the tests, and gives each of them a chain that mines at once. */
export function localChain(): LocalChain {
  const chain = {} as { anvil: Anvil; connection: Connection };
  beforeAll(async () => {
    chain.anvil = await startAnvil(undefined, { accounts: 10 });
    chain.connection = await connect(chain.anvil.url);
  });
  beforeEach(async () => void (await request(chain.connection, 'evm_setAutomine', [true])));
  afterAll(() => chain.anvil.stop());
  return {
    get url() {
      return chain.anvil.url;
    },
    get connection() {
      return chain.connection;
    },
    ask: (method, ...params) => request(chain.connection, method, params),
    sender: async (account, options = {}) => {
      const signer = await unlockedSigner(chain.connection, String(account));
      return createSender({ connection: chain.connection, signer, pollingMilliseconds: 20, ...options });
    },
  };
}

/** The catalogue's error that a promise must end with. */
export async function failureOf(promise: Promise<unknown>): Promise<GensynError> {
  const error = await promise.then(
    () => new Error('it worked'),
    (reason: unknown) => reason,
  );
  if (!isGensynError(error)) throw error;
  return error;
}
