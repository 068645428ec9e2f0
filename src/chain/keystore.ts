/**
 * Keys in files: Web3 Secret Storage, version 3. The file is a stranger's: its size is bounded before it is read, and the
 * work that it asks for before any is done. Key derivation is Node's own; ox, which viem brings, ignores the file's
 * scrypt parameters in its asynchronous form and checks no bound.
 */
import { createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { z } from 'zod';
import { bytesToHex } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail, isGensynError } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';

/** What a file may ask for: twice what common tools write, so that none takes gigabytes or minutes. */
export const KEYSTORE_LIMITS = {
  fileBytes: 64 << 10,
  /** 128·n·r bytes: the memory of scrypt. */
  scryptBytes: 512 << 20,
  /** n·r·p: the work of scrypt. */
  scryptWork: 1 << 23,
  pbkdf2Iterations: 4_000_000,
} as const;

const hex = (bytes: number, maxBytes = bytes) =>
  z.string().regex(new RegExp(`^(?:[0-9a-fA-F]{2}){${bytes},${maxBytes}}$`), 'not hexadecimal digits of that length');
const positive = z.int().min(1);
const salt = hex(1, 128);

const KDF = z.discriminatedUnion('kdf', [
  z.object({
    kdf: z.literal('scrypt'),
    kdfparams: z.object({ dklen: z.literal(32), n: positive, p: positive, r: positive, salt }),
  }),
  z.object({
    kdf: z.literal('pbkdf2'),
    kdfparams: z.object({ c: positive, dklen: z.literal(32), prf: z.literal('hmac-sha256'), salt }),
  }),
]);

const CIPHER = z.object({
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hex(16) }),
  ciphertext: hex(32),
  mac: hex(32),
});

/** Tools add an address, a name and dates; they are no secret and no authority, and are left unread. */
const KEYSTORE = z.object({ version: z.literal(3), crypto: z.intersection(CIPHER, KDF) });

type Crypto = z.infer<typeof KEYSTORE>['crypto'];

/**
 * Opens a keystore file.
 *
 * @throws `run.missing`, `run.not-readable`, `chain.keystore-invalid`, `chain.keystore-too-costly`, `chain.wrong-password`
 */
export async function openKeystoreFile(path: string, password: string): Promise<PrivateKeyAccount> {
  const bytes = await readBoundedFile(path, 'keystore', KEYSTORE_LIMITS.fileBytes).catch((error: unknown) => {
    if (!isGensynError(error, 'run.too-large')) throw error;
    throw fail('chain.keystore-invalid', { path, reason: 'it is too large' }, { cause: error });
  });
  return openKeystore(bytes, password, path);
}

/**
 * Opens a keystore.
 *
 * @param path - names it in messages
 * @throws `chain.keystore-invalid`, `chain.keystore-too-costly`, `chain.wrong-password`
 */
export async function openKeystore(bytes: Uint8Array, password: string, path: string): Promise<PrivateKeyAccount> {
  const crypto = parseKeystore(bytes, path);
  checkCost(crypto, path);
  const derived = await deriveKey(crypto, password, path);
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex');
  const mac = keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext]));
  if (!timingSafeEqual(mac, Buffer.from(crypto.mac, 'hex'))) throw fail('chain.wrong-password', { path });
  const iv = Buffer.from(crypto.cipherparams.iv, 'hex');
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const key = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  try {
    return privateKeyToAccount(bytesToHex(key));
  } catch {
    // The library's message could hold the key, so that it is not kept as the cause.
    throw fail('chain.keystore-invalid', { path, reason: 'what it holds is not a private key' });
  } finally {
    key.fill(0);
    derived.fill(0);
  }
}

function parseKeystore(bytes: Uint8Array, path: string): Crypto {
  const invalid = (reason: string, cause?: unknown) => fail('chain.keystore-invalid', { path, reason }, { cause });
  let document: unknown;
  try {
    document = parseJsonStrict(bytes, { maxBytes: KEYSTORE_LIMITS.fileBytes, maxDepth: 8, name: path });
  } catch (cause) {
    throw invalid('it is not proper JSON', cause);
  }
  const parsed = KEYSTORE.safeParse(withLowerCaseCrypto(document));
  if (parsed.success) return parsed.data.crypto;
  const issue = parsed.error.issues[0];
  throw invalid(`${issue?.path.join('.') || 'document'}: ${issue?.message}`);
}

/** Old wallets wrote `Crypto`. */
function withLowerCaseCrypto(document: unknown): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  const { crypto, Crypto, version } = document as Record<string, unknown>;
  return { version, crypto: crypto ?? Crypto };
}

function checkCost(crypto: Crypto, path: string): void {
  const check = (parameter: string, have: number, limit: number): void => {
    if (have > limit) throw fail('chain.keystore-too-costly', { path, parameter, have, limit });
  };
  if (crypto.kdf === 'pbkdf2') {
    check('c', crypto.kdfparams.c, KEYSTORE_LIMITS.pbkdf2Iterations);
  } else {
    const { n, r, p } = crypto.kdfparams;
    check('128·n·r', 128 * n * r, KEYSTORE_LIMITS.scryptBytes);
    check('n·r·p', n * r * p, KEYSTORE_LIMITS.scryptWork);
  }
}

async function deriveKey(crypto: Crypto, password: string, path: string): Promise<Uint8Array> {
  const salt = Buffer.from(crypto.kdfparams.salt, 'hex');
  if (crypto.kdf === 'pbkdf2') return promisify(pbkdf2)(password, salt, crypto.kdfparams.c, 32, 'sha256');
  const { n: N, r, p } = crypto.kdfparams;
  // Both count a little more than 128·n·r.
  const cost = { N, r, p, maxmem: 2 * KEYSTORE_LIMITS.scryptBytes };
  const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
  try {
    // OpenSSL keeps to RFC 7914, N < 2^(16·r), and so refuses an example of Ethereum's own definition.
    if (r === 1 && N >= 2 ** 16) return await scryptAsync(password, salt, { ...cost, dkLen: 32 });
    return await derive(password, salt, 32, cost);
  } catch (cause) {
    throw fail('chain.keystore-invalid', { path, reason: 'its scrypt parameters are not possible' }, { cause });
  }
}
