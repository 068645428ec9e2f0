import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { openConnection, openSigner } from '../../commands/actions/chain-access.js';
import type { Invocation } from '../../commands/context.js';
import { keystorePassword } from '../../commands/password.js';
import { createTerminal } from '../../commands/terminal.js';
import { fakeProcess } from '../house/support/fake-io.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { failureOf, localChain } from './support/local-chain.js';

const chain = localChain();
const folder = temporaryFolder();

function invocation(environment: Record<string, string> = {}, stdin = ''): Invocation {
  const fake = fakeProcess({ environment });
  const io = { ...fake.io, stdin: Readable.from([Buffer.from(stdin)]) };
  const globals = { json: false, color: false, input: false, quiet: false, verbose: false };
  const progress = { phase: () => undefined, update: () => undefined, end: () => undefined };
  const { signal } = new AbortController();
  return { io, globals, terminal: createTerminal(io, globals), progress, signal, warn: () => undefined };
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = folder.path(name);
  writeFileSync(path, content);
  return path;
}

describe('a password', () => {
  test.each([
    ['alone', 'secret', 'secret'],
    ['with a line break', 'secret\n', 'secret'],
    ['with the line break of Windows', 'secret\r\n', 'secret'],
    ['with blanks', ' se cret \n', ' se cret '],
    ['of nothing', '', ''],
  ])('%s comes from a file or from stdin', async (_, content, wanted) => {
    expect(await keystorePassword(invocation(), 'key', fileOf('password', content))).toBe(wanted);
    expect(await keystorePassword(invocation({}, content), 'key', '-')).toBe(wanted);
  });

  test.each([
    ['of two lines', 'one\ntwo\n'],
    ['that is no text', Uint8Array.of(0xff, 0xfe)],
  ])('%s is refused', async (_, content) => {
    const error = await failureOf(keystorePassword(invocation(), 'key', fileOf('password', content)));
    expect([error.code, error.exitCode]).toEqual(['chain.password-invalid', 4]);
  });

  test('that is too long, or that nobody can be asked for, is refused', async () => {
    const endless = keystorePassword(invocation({}, 'a'.repeat(5000)), 'key', '-');
    expect((await failureOf(endless)).code).toBe('chain.password-invalid');
    expect((await failureOf(keystorePassword(invocation(), 'key'))).code).toBe('command.no-answer');
  });
});

describe('the options of a chain', () => {
  test('lead to a node, which ETH_RPC_URL can name', async () => {
    expect((await openConnection({}, invocation({ ETH_RPC_URL: chain.url }))).chainId).toBe(31337);
    expect((await failureOf(openConnection({}, invocation()))).code).toBe('chain.no-rpc-url');
    const other = openConnection({ rpcUrl: chain.url }, invocation(), 1);
    expect((await failureOf(other)).code).toBe('chain.wrong-chain');
  });

  test('lead to one account, and not to two', async () => {
    const { connection } = chain;
    const code = async (options: object, environment = {}) =>
      (await failureOf(openSigner(connection, options, invocation(environment)))).code;
    expect((await openSigner(connection, { unlocked: '0' }, invocation())).address).toMatch(/^0xf39F/);
    expect(await code({})).toBe('chain.no-account');
    expect(await code({ passwordFile: 'p' })).toBe('command.requires');
    expect(await code({ unlocked: '0', keystore: 'k' })).toBe('command.conflict');
    expect(await code({ unlocked: '0', passwordFile: 'p' })).toBe('command.conflict');
    const password = fileOf('password', 'x');
    expect(await code({ passwordFile: password }, { ETH_KEYSTORE: folder.path('none') })).toBe('run.missing');
    const damaged = fileOf('key.json', '{}');
    expect(await code({ keystore: damaged, passwordFile: password })).toBe('chain.keystore-invalid');
  });
});
