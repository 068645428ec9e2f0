/** The whole command line inside the test's own process: the same code as the binary's, without the start of Node. */
import { main } from '../../../commands/main.js';
import { fakeProcess } from '../../house/support/fake-io.js';
import type { Document, Ended } from './gensyn.js';

/** Runs one command line. */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const world = fakeProcess();
  await main(args, world.io);
  return { exitCode: world.endedAtOnce() ?? world.exitCode() ?? -1, stdout: world.stdout(), stderr: world.stderr() };
}

/** Runs one command line with `--json`, and reads its document. */
export async function runHereJson(args: readonly string[]): Promise<Document & { exitCode: number }> {
  const { exitCode, stdout } = await runHere([...args, '--json']);
  return { ...(JSON.parse(stdout) as Document), exitCode };
}
