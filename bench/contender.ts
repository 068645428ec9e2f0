/** Contenders as processes of their own: no library, heap or code cache of one is in the way of another. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MeterOptions } from './meter.js';

export interface ContenderRequest {
  readonly what: string;
  readonly milliseconds: number;
}

export type ContenderReply = { readonly figure: number } | { readonly error: string };

export interface ContenderProcess {
  /** Has it work on a case for about so long; see `Meter.sample`. */
  sample(what: string, milliseconds: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts a contender and waits until it is ready to work. It sleeps between samples. */
export async function startContender(meter: string, options: MeterOptions): Promise<ContenderProcess> {
  const entry = fileURLToPath(new URL('./contender-process.js', import.meta.url));
  const child = fork(entry, [meter, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await replyOf(child, meter);
  return {
    sample: (what, milliseconds) => {
      child.send({ what, milliseconds } satisfies ContenderRequest);
      return replyOf(child, meter);
    },
    close: async () => {
      if (child.exitCode !== null || !child.connected) return;
      const ended = once(child, 'exit');
      child.send('close');
      await ended;
    },
  };
}

function replyOf(child: ChildProcess, meter: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (reply: ContenderReply): void => {
      stop();
      if ('error' in reply) reject(new Error(`${meter}: ${reply.error}`));
      else resolve(reply.figure);
    };
    const onExit = (code: number | null): void => {
      stop();
      reject(new Error(`${meter}: its process ended with code ${code}`));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** Starts contenders, lends them to `use`, and ends them whatever happens. */
export async function withContenders<Value>(
  wanted: readonly (readonly [meter: string, options: MeterOptions])[],
  use: (contenders: readonly ContenderProcess[]) => Promise<Value>,
): Promise<Value> {
  const started: ContenderProcess[] = [];
  try {
    for (const [meter, options] of wanted) started.push(await startContender(meter, options));
    return await use(started);
  } finally {
    await Promise.all(started.map((contender) => contender.close()));
  }
}
