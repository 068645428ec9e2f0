/** Readers of files about a chain: evidence, deployments, the record of a claim, keys. */
import { createCipheriv, scryptSync } from 'node:crypto';
import { readClaimRecord } from '../../../src/chain/claim-record.js';
import { parseDeployments } from '../../../src/chain/deployments.js';
import { formatEvidence, parseEvidence } from '../../../src/chain/evidence.js';
import { openKeystore } from '../../../src/chain/keystore.js';
import { keccak256 } from '../../../src/commitments/keccak.js';
import { parserTarget } from '../parser-target.js';
import { scratchFolder } from '../scratch.js';
import type { Target } from '../target.js';

const utf8 = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)));
const hex = (byte: string, bytes: number): `0x${string}` => `0x${byte.repeat(bytes)}`;

const EVIDENCE = {
  schema: 'gensyn.evidence/1',
  chainId: 31337,
  game: hex('a1', 20),
  claim: '7',
  job: '18446744073709551615',
  jobHash: hex('b2', 32),
  left: { leaf: 0, root: hex('c3', 32), siblings: [] },
  right: { leaf: 4294967295, root: hex('d4', 32), siblings: [hex('e5', 32), hex('f6', 32)] },
  replays: ['wasm', 'reference'],
};

const DEPLOYMENT = {
  address: hex('a1', 20),
  txHash: hex('b2', 32),
  block: 3,
  abiHash: hex('c3', 32),
  codeHash: hex('d4', 32),
  args: hex('00', 64),
};
const DEPLOYMENTS = {
  schema: 'gensyn.deployments/1',
  chainId: 31337,
  contracts: { Game: DEPLOYMENT, Referee: { ...DEPLOYMENT, args: '0x' }, Unknown: DEPLOYMENT },
};

const CLAIM = {
  schema: 'gensyn.claim/1',
  chainId: 31337,
  contract: hex('a1', 20),
  job: '1',
  claim: '2',
  jobHash: hex('b2', 32),
  finalRoot: hex('c3', 32),
  traceRoot: hex('d4', 32),
  solver: hex('e5', 20),
  txHash: null,
};

const PASSWORD = 'fuzz';

export const CHAIN_TARGETS: readonly Target[] = [
  parserTarget('evidence', () => ({
    form: 'json',
    samples: [utf8(EVIDENCE)],
    parse: (bytes) => parseEvidence(bytes, 'evidence.json'),
    write: formatEvidence,
  })),
  parserTarget('deployments', () => ({
    form: 'json',
    samples: [utf8(DEPLOYMENTS)],
    parse: (bytes) => parseDeployments(bytes, 'deployments.json'),
    write: (deployments) => JSON.stringify(deployments),
  })),
  parserTarget('claim-record', claimRecords),
  // A file may ask for half a gigabyte and seconds of work: what its limits allow is no finding.
  parserTarget('keystore', keystores, { milliseconds: 30_000, bytes: 2 ** 31 }),
];

async function claimRecords() {
  const scratch = await scratchFolder();
  return {
    form: 'json' as const,
    samples: [utf8(CLAIM)],
    parse: async (bytes: Uint8Array) => {
      await scratch.write('claim.json', bytes);
      return readClaimRecord(scratch.path);
    },
    write: (record: unknown) => JSON.stringify(record),
    close: scratch.remove,
  };
}

function keystores() {
  return {
    form: 'json' as const,
    samples: [utf8(keystore())],
    parse: async (bytes: Uint8Array) => (await openKeystore(bytes, PASSWORD, 'key.json')).address,
  };
}

/** A keystore that costs next to nothing to open. */
function keystore(): object {
  const [salt, iv, secret] = ['a1', 'b2', 'c3'].map((byte, at) => Buffer.from(byte.repeat([32, 16, 32][at]!), 'hex'));
  const kdfparams = { dklen: 32, n: 2, p: 1, r: 8, salt: salt!.toString('hex') };
  const derived = scryptSync(PASSWORD, salt!, 32, { N: 2, p: 1, r: 8 });
  const ciphertext = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv!).update(secret!);
  const mac = Buffer.from(keccak256(Buffer.concat([derived.subarray(16), ciphertext])));
  const cipher = {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: iv!.toString('hex') },
    ciphertext: ciphertext.toString('hex'),
  };
  return { version: 3, crypto: { ...cipher, kdf: 'scrypt', kdfparams, mac: mac.toString('hex') } };
}
