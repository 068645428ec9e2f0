/** `gensyn devnet`: the options, and nothing of the chain. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { wholeNumber } from './parse-values.js';

export interface DevnetCommandOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Seconds between blocks. */
  readonly blockTime?: number;
  /** File that the deployed contracts are recorded in. */
  readonly out?: string;
}

const DEFAULT_PORT = 8545;

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineDevnet(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<DevnetCommandOptions>>,
): void {
  program
    .command('devnet')
    .summary('run a local chain with the contracts on it')
    .description(
      'Starts a chain on this machine, deploys the contracts, and runs until it is interrupted (exit code 130). ' +
        'The chain is gone afterwards. --json writes a line when it is ready and another one at its end.',
    )
    .option('-p, --port <n>', 'port on the loopback address; 0 for a free one', wholeNumber(0, 65_535), DEFAULT_PORT)
    .option('--block-time <seconds>', 'seconds between blocks, instead of a block for each transaction', wholeNumber(1))
    .option('-o, --out <file>', 'record the deployed contracts, for example in deployments/31337.json')
    .addHelpText('after', examplesText(['gensyn devnet', 'gensyn devnet --port 0 --out deployments/31337.json']))
    .action((options: DevnetCommandOptions, command: Command) =>
      context.execute(command, async (invocation) => (await load())(options, invocation)),
    );
}
