import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { privateKeyToAddress } from 'viem/accounts';
import { KEYSTORE_LIMITS, openKeystore, openKeystoreFile } from '../../src/chain/keystore.js';
import { isGensynError } from '../../src/errors/index.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { failureOf } from './support/local-chain.js';

const folder = temporaryFolder();
const PASSWORD = 'testpassword';
const SECRET = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';

/** The vectors of the Web3 Secret Storage definition. */
const PBKDF2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
const SCRYPT = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};

const open = (document: unknown, password = PASSWORD) =>
  openKeystore(Buffer.from(JSON.stringify(document)), password, 'key.json');

/** The vector with other derivation parameters. */
const scryptWith = (parameters: object) => ({
  ...SCRYPT,
  crypto: { ...SCRYPT.crypto, kdfparams: { ...SCRYPT.crypto.kdfparams, ...parameters } },
});
const pbkdf2With = (parameters: object) => ({
  ...PBKDF2,
  crypto: { ...PBKDF2.crypto, kdfparams: { ...PBKDF2.crypto.kdfparams, ...parameters } },
});

describe('a keystore', () => {
  test.each([
    ['scrypt', SCRYPT],
    ['pbkdf2', PBKDF2],
  ])('with %s opens as the definition says', async (_, vector) => {
    const account = await open(vector);
    expect(account.address).toBe(privateKeyToAddress(SECRET));
    expect(account.address.toLowerCase()).toBe('0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b');
  });

  test('of an old wallet, which wrote Crypto and more, opens too', async () => {
    const { crypto, ...rest } = PBKDF2;
    const path = folder.path('old.json');
    writeFileSync(path, JSON.stringify({ ...rest, Crypto: crypto, address: '008a', name: 'mine' }));
    expect((await openKeystoreFile(path, PASSWORD)).address).toBe(privateKeyToAddress(SECRET));
  });

  test('does not open with another password, or after a change', async () => {
    const altered = { ...PBKDF2, crypto: { ...PBKDF2.crypto, mac: `0${PBKDF2.crypto.mac.slice(1)}` } };
    const attempts = [
      [PBKDF2, 'testpasswor'],
      [PBKDF2, `${PASSWORD}\n`],
      [altered, PASSWORD],
    ] as const;
    for (const [document, password] of attempts) {
      const error = await failureOf(open(document, password));
      expect([error.code, error.exitCode]).toEqual(['chain.wrong-password', 4]);
      expect(JSON.stringify(error)).not.toContain(PASSWORD);
    }
  });

  test.each([
    ['memory', scryptWith({ n: 2 ** 30 })],
    ['memory by its block size', scryptWith({ n: 2 ** 10, r: 2 ** 13 })],
    ['work in parallel', scryptWith({ n: 2 ** 18, p: 64 })],
    ['iterations', pbkdf2With({ c: KEYSTORE_LIMITS.pbkdf2Iterations + 1 })],
    ['iterations without end', pbkdf2With({ c: Number.MAX_SAFE_INTEGER })],
  ])('that asks for too much %s is refused at once', async (_, document) => {
    // The fastest of some counts: the others also measure what else this machine was doing.
    let fastest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 10 && fastest >= 200; attempt++) {
      const started = performance.now();
      expect((await failureOf(open(document))).code).toBe('chain.keystore-too-costly');
      fastest = Math.min(fastest, performance.now() - started);
    }
    expect(fastest).toBeLessThan(200);
  });

  test.each([
    ['a count that is no power of two', scryptWith({ n: 1000 })],
    ['a count of one', scryptWith({ n: 1 })],
    ['a fraction', scryptWith({ n: 1024.5 })],
    ['another length', scryptWith({ dklen: 16 })],
    ['another hash', pbkdf2With({ prf: 'hmac-sha512' })],
    ['salt that is no hexadecimal', pbkdf2With({ salt: 'zz' })],
    ['another version', { ...PBKDF2, version: 1 }],
    ['another cipher', { ...PBKDF2, crypto: { ...PBKDF2.crypto, cipher: 'aes-128-cbc' } }],
    ['an unknown derivation', { ...PBKDF2, crypto: { ...PBKDF2.crypto, kdf: 'none' } }],
    ['nothing', {}],
    ['no object', [PBKDF2]],
  ])('with %s is refused', async (_, document) => {
    expect((await failureOf(open(document))).code).toBe('chain.keystore-invalid');
  });

  test('that is too large is not read', async () => {
    const path = folder.path('large.json');
    writeFileSync(path, Buffer.alloc(KEYSTORE_LIMITS.fileBytes + 1, ' '));
    expect((await failureOf(openKeystoreFile(path, PASSWORD))).code).toBe('chain.keystore-invalid');
    expect((await failureOf(openKeystoreFile(folder.path('none.json'), PASSWORD))).code).toBe('run.missing');
  });

  test('of random bytes ends in an error of the catalogue', async () => {
    const text = JSON.stringify(scryptWith({ n: 2 }));
    const damaged = fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, insert]) => `${text.slice(0, at)}${insert}${text.slice(at + 1)}`);
    const check = fc.asyncProperty(fc.oneof(fc.string(), damaged), async (content) => {
      const error = await openKeystore(Buffer.from(content), PASSWORD, 'key.json').catch((reason: unknown) => reason);
      // What a damaged byte cannot reach, such as the id, may still open; n = 2 makes that another key's MAC.
      if (!isGensynError(error)) throw error;
      expect(error.exitCode).toBe(4);
    });
    await fc.assert(check, { numRuns: 300 });
  });
});
