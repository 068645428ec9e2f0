/** The first chapter: a job is posted, taken, trained, claimed, and paid after its window. */
import { finalizeCall } from '../../../src/chain/market-calls.js';
import { verifyAgain } from '../settle/check-run.js';
import { span } from '../settle/text.js';
import { sent } from './cast.js';
import { claim, post, type Trained, take, trained, trainingText, WINDOW } from './market-steps.js';
import { withdraw } from './money.js';
import { passTime, type Stage } from './stage.js';

/** Plays the chapter. @throws where the solver's own replay has other bits: this machine is not to be trusted */
export async function honestChapter(stage: Stage): Promise<Trained> {
  const { story, market, cast, book, invocation, threads } = stage;
  story.chapter('1  An honest solver is paid');
  const job = await post(stage);
  await take(stage, 'solver', job);
  let began = invocation.io.now();
  const honest = await trained(stage, 'honest', null);
  story.tell('solver', `trains ${trainingText(honest.result)}`, { ms: invocation.io.now() - began });
  began = invocation.io.now();
  const { verdict, checked } = await verifyAgain(honest.run, { threads }, invocation);
  invocation.signal.throwIfAborted();
  if (verdict !== 'verified') throw new Error(`the honest run is ${verdict} by a replay on the same machine`);
  const what = `replays all ${checked.of} intervals once more before he claims: the same bits`;
  story.tell('solver', what, { ms: invocation.io.now() - began });
  const made = await claim(stage, 'solver', job, honest.run);
  await passTime(stage, WINDOW + 1);
  story.tell('', `the window of ${span(WINDOW)} passes (the local chain's clock is moved)`);
  const { entry } = await sent(cast.solver, finalizeCall(market, made.id), book);
  story.tell('solver', `finalizes claim ${made.id}: bond and reward are his`, entry);
  await withdraw(stage, 'solver');
  return honest;
}
