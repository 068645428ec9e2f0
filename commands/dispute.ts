/** `gensyn dispute`: games against claims. The options, and nothing of the chain. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { defineList, defineShow, type ListOptions, type ShowOptions } from './dispute/look.js';
import {
  defineOpen,
  defineRespond,
  defineWatch,
  type OpenOptions,
  type RespondOptions,
  type WatchOptions,
} from './dispute/play.js';

/** The core of each command. */
export interface DisputeActions {
  readonly open: Action<OpenOptions>;
  readonly respond: Action<RespondOptions>;
  readonly watch: Action<WatchOptions>;
  readonly list: Action<ListOptions>;
  readonly show: Action<ShowOptions>;
}

/** Adds the commands. `load` brings their cores when one is called, so that help stays quick. */
export function defineDispute(program: Command, context: CommandContext, load: () => Promise<DisputeActions>): void {
  const dispute = program
    .command('dispute')
    .summary('dispute a claim, or defend one')
    .description(
      'A dispute walks from the training steps of a claim to one instruction, which the contract executes. Nothing is ever ' +
        'staked on an inconclusive verification. Exit code 20: lost. 21: nothing to dispute, or not yet. 22: a deadline was missed.',
    );
  const core =
    <Name extends keyof DisputeActions>(name: Name) =>
    async (): Promise<DisputeActions[Name]> =>
      (await load())[name];
  defineOpen(dispute, context, core('open'));
  defineRespond(dispute, context, core('respond'));
  defineWatch(dispute, context, core('watch'));
  defineList(dispute, context, core('list'));
  defineShow(dispute, context, core('show'));
}
