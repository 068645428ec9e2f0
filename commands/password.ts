/** The password of a key: from a file, from stdin, or typed unseen. Never from arguments or the environment. */
import { Buffer } from 'node:buffer';
import { fail } from '../src/errors/index.js';
import { readBoundedFile } from '../src/files/atomic-file.js';
import type { Invocation } from './context.js';
import { Interruption } from './interruption.js';
import type { InputStream } from './io.js';

const MAX_BYTES = 4096;

/**
 * The password of a keystore.
 *
 * @param file - a path, or `-` for stdin; asked for on the terminal where there is none
 * @throws `command.no-answer` where there is nobody to ask; `chain.password-invalid`; {@link Interruption}
 */
export async function keystorePassword(invocation: Invocation, keystore: string, file?: string): Promise<string> {
  if (file === '-') return withoutLineBreak(await readStream(invocation.io.stdin), 'stdin');
  if (file !== undefined) return withoutLineBreak(await readBoundedFile(file, 'password file', MAX_BYTES), file);
  const { terminal, io, signal } = invocation;
  if (!terminal.interactive) throw fail('command.no-answer', { flag: '--password-file' });
  const { password } = await import('@inquirer/prompts');
  try {
    return await password({ message: `Password of ${keystore}` }, { input: io.stdin, output: io.stderr, signal });
  } catch (error) {
    const { name } = error as { name?: unknown };
    if (name === 'ExitPromptError' || name === 'AbortPromptError') throw new Interruption('SIGINT');
    throw error;
  }
}

async function readStream(stream: InputStream): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece as Uint8Array));
    length += pieces.at(-1)!.length;
    if (length > MAX_BYTES) throw fail('chain.password-invalid', { source: 'stdin', reason: 'it is too long' });
  }
  return Buffer.concat(pieces);
}

/** Editors end a file with a line break that nobody typed. */
function withoutLineBreak(bytes: Uint8Array, source: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw fail('chain.password-invalid', { source, reason: 'it is not UTF-8 text' });
  }
  if (/[\r\n]/.test(text)) throw fail('chain.password-invalid', { source, reason: 'it has more than one line' });
  return text;
}
