/** The core of `gensyn demo`: four chapters on one stage, and what came of them. */
import { join } from 'node:path';
import { writeBundle } from '../../../src/job/bundle-folder.js';
import type { Action } from '../../context.js';
import type { DemoOptions } from '../../demo.js';
import { cheatChapter } from './cheat-chapter.js';
import { disputeChapter } from './dispute-chapter.js';
import { honestChapter } from './honest-chapter.js';
import { moneyChapter } from './money.js';
import { balancesText, demoDocument, type Played } from './report.js';
import { onStage, type Stage } from './stage.js';
import { createStory, grouped } from './story.js';

export const demo: Action<DemoOptions> = async (options, invocation) => {
  const story = await createStory(invocation);
  const watched = { ...invocation, progress: story.progress };
  try {
    return await onStage(options, watched, story, async (stage) => {
      const played = await playAll(stage);
      const next = options.keep === undefined ? {} : { next: nextText(options.keep) };
      return { result: demoDocument(stage, played), text: balancesText(played.balances), ...next };
    });
  } finally {
    story.progress.end();
  }
};

async function playAll(stage: Stage): Promise<Played> {
  introduce(stage);
  if (stage.options.keep !== undefined) await writeBundle(stage.bundle, join(stage.folder, 'job'));
  const honest = await honestChapter(stage);
  const caught = await cheatChapter(stage, honest.run);
  const disputed = await disputeChapter(stage, caught);
  const balances = await moneyChapter(stage, caught.job.id);
  if (balances.sum !== 0n) throw new Error(`${balances.sum} wei came from nowhere or went there`);
  stage.story.show('');
  return { honest, caught, disputed, balances };
}

function introduce({ story, bundle, chain, market }: Stage): void {
  const { name, steps, checkpointEvery, program } = bundle;
  const parameters = grouped(bundle.genesis.reduce((sum, { length }) => sum + length, 0));
  story.show(
    `${story.look.green('gensyn demo')}  ${name}: ${steps} training steps, a checkpoint every ${checkpointEvery}, ` +
      `${program.operators.length} operators, ${parameters} numbers of state\n` +
      story.look.dim(`chain ${chain.chainId} at ${chain.url}, contract ${market.address}`),
  );
}

function nextText(keep: string): string {
  return `gensyn verify ${join(keep, 'cheat')} --against ${join(keep, 'honest')}`;
}
