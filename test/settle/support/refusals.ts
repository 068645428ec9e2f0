/** What tests of refusals have in common. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Answer, World } from './world.js';

/** Runs a command for which nobody may have paid: the account has sent no transaction. */
export async function sendsNothing(world: World, account: number, work: () => Promise<Answer>): Promise<Answer> {
  const nonce = await world.nonce(account);
  const answer = await work();
  expect(await world.nonce(account)).toBe(nonce);
  return answer;
}

/** Exit code and error code. */
export function codeOf({ exitCode, error }: Answer): readonly [number, string | undefined] {
  return [exitCode, error?.code];
}

/** Changes a bit of the data, which bundles' and checkpoints' files end with. */
export function flipLastBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
