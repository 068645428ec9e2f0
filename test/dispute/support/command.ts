/** Runs `gensyn` in this process, with its real cores. */
import { main } from '../../../commands/main.js';
import { fakeProcess } from '../../house/support/fake-io.js';

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The result of the document, where `--json` asked for one. */
  readonly result: Record<string, unknown>;
  readonly error: { readonly code: string } | null;
}

/** Runs a command line and waits for its end. */
export async function gensyn(...argv: readonly string[]): Promise<Ran> {
  const fake = fakeProcess();
  await main(argv, fake.io);
  const document = argv.includes('--json') ? JSON.parse(fake.stdout()) : { result: {}, error: null };
  const { result, error } = document as Pick<Ran, 'result' | 'error'>;
  return { code: fake.exitCode(), stdout: fake.stdout(), stderr: fake.stderr(), result, error };
}
