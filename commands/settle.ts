/** `gensyn settle`: jobs, claims and money on a chain. The options, and nothing of the chain. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import {
  type DeployOptions,
  defineDeploy,
  defineJobEnd,
  definePost,
  type JobNumberOptions,
  type PostOptions,
} from './settle/client.js';
import { defineQuote, defineStatus, type QuoteOptions, type StatusOptions } from './settle/look.js';
import {
  type ClaimOptions,
  type CollectOptions,
  defineClaim,
  defineCollect,
  defineFinalize,
  defineTake,
  defineWithdraw,
  type FinalizeOptions,
  type TakeOptions,
  type WithdrawOptions,
} from './settle/solver.js';

/** The core of each command. */
export interface SettleActions {
  readonly deploy: Action<DeployOptions>;
  readonly post: Action<PostOptions>;
  readonly take: Action<TakeOptions>;
  readonly claim: Action<ClaimOptions>;
  readonly status: Action<StatusOptions>;
  readonly quote: Action<QuoteOptions>;
  readonly finalize: Action<FinalizeOptions>;
  readonly collect: Action<CollectOptions>;
  readonly withdraw: Action<WithdrawOptions>;
  readonly cancel: Action<JobNumberOptions>;
  readonly expire: Action<JobNumberOptions>;
}

/** Adds the commands. `load` brings their cores when one is called, so that help stays quick. */
export function defineSettle(program: Command, context: CommandContext, load: () => Promise<SettleActions>): void {
  const settle = program
    .command('settle')
    .summary('jobs, claims and money on a chain')
    .description(
      'Jobs, claims and money on a chain: a client posts a job, a solver takes it with a bond, trains, and claims the ' +
        'result; a claim that stands its window is paid. Whatever stakes something shows bond, largest loss, longest delay ' +
        'and gas, and asks before it sends.',
    );
  const core =
    <Name extends keyof SettleActions>(name: Name) =>
    async (): Promise<SettleActions[Name]> =>
      (await load())[name];
  defineDeploy(settle, context, core('deploy'));
  definePost(settle, context, core('post'));
  defineTake(settle, context, core('take'));
  defineClaim(settle, context, core('claim'));
  defineStatus(settle, context, core('status'));
  defineQuote(settle, context, core('quote'));
  defineFinalize(settle, context, core('finalize'));
  defineCollect(settle, context, core('collect'));
  defineWithdraw(settle, context, core('withdraw'));
  defineJobEnd(settle, context, 'cancel', core('cancel'));
  defineJobEnd(settle, context, 'expire', core('expire'));
}
