/** The core of `gensyn dispute show`. */

import { persist } from '../../../src/chain/connection.js';
import { timeOf } from '../../../src/chain/game-blocks.js';
import { type ChainGame, type GameEvent, readGame, readSummary } from '../../../src/chain/games.js';
import type { Market } from '../../../src/chain/market.js';
import { secondsLeft } from '../../../src/chain/play-turn.js';
import { toHex } from '../../../src/commitments/hash.js';
import type { Side } from '../../../src/game/game.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Action, Outcome } from '../../context.js';
import type { ShowOptions } from '../../dispute/look.js';
import { openJob } from '../open-job.js';
import { marketOf } from '../settle/access.js';
import { ether, span } from '../settle/text.js';
import { facts } from '../table.js';
import { endText } from './event-text.js';
import { summaryDocument, summaryText } from './list.js';
import { type PositionFacts, positionFacts, positionText } from './position-text.js';

/** A move with what it cost, and where it led. */
interface Step extends Omit<GameEvent, 'context'> {
  /** Unix time. */
  readonly time: number;
  readonly gas: number;
  readonly position: PositionFacts;
}

export const show: Action<ShowOptions> = async ({ game: id, job, ...options }, invocation) => {
  const market = await marketOf(options, invocation);
  if (job === undefined) return stored(market, id);
  const bundle = await openJob(job, {}, invocation);
  const game = await readGame(market, id, bundle);
  const steps = await stepsOf(market, game, bundle);
  const gas = gasBySide(steps);
  return { result: document(game, steps, gas), text: `${facts(summary(game, gas))}\n\n${tree(steps)}` };
};

/** Without the job only the contract's own words can be read: everything else is behind a hash. */
async function stored(market: Market, id: bigint): Promise<Outcome> {
  const found = await readSummary(market, id);
  const { claim, challenger, bond, left } = found;
  return {
    result: summaryDocument(found),
    text: facts([
      ['game', `${id} against claim ${claim}: ${summaryText(found)}`],
      ['challenger', challenger],
      ['bond', ether(bond)],
      ['clocks', `solver ${span(left.solver)}, challenger ${span(left.challenger)}, at the last move`],
    ]),
    next: `gensyn dispute show ${id} --job <job>  # every move, in the words of the job`,
  };
}

async function stepsOf({ connection }: Market, { history }: ChainGame, bundle: Bundle): Promise<Step[]> {
  const steps: Step[] = [];
  for (const { context, ...event } of history) {
    const receipt = await persist(connection, () => connection.client.getTransactionReceipt({ hash: event.txHash }));
    const time = await timeOf(connection, event.block);
    steps.push({ ...event, time, gas: Number(receipt.gasUsed), position: positionFacts(context, bundle) });
  }
  return steps;
}

/** Gas by who moved. One transaction may hold several events: it counts once. */
function gasBySide(steps: readonly Step[]): Readonly<Record<Side | 'anybody', number>> {
  const gas = { solver: 0, challenger: 0, anybody: 0 };
  const counted = new Set<string>();
  for (const { txHash, by, gas: used } of steps) {
    if (counted.has(txHash)) continue;
    counted.add(txHash);
    gas[by ?? 'anybody'] += used;
  }
  return gas;
}

function summary({ id, claim, job, challenger, bond, game, block }: ChainGame, gas: ReturnType<typeof gasBySide>) {
  const left = { ...game.left };
  if (game.status === 'live') left[game.turn] = secondsLeft({ game }, block.time);
  const clock = (side: Side): string => (left[side] < 0 ? 'run out' : span(left[side]));
  const state = game.status === 'live' ? `${game.turn} to move` : endText(game);
  return [
    ['game', `${id} against claim ${claim.id} of job ${job.id}: ${state}`],
    ['solver', claim.solver],
    ['challenger', `${challenger}, bond ${ether(bond)}`],
    ['clocks', `solver ${clock('solver')}, challenger ${clock('challenger')}, of ${span(game.rules.clock)} each`],
    ['gas so far', `solver ${gas.solver}, challenger ${gas.challenger}, anybody ${gas.anybody}`],
  ] as const;
}

/** The range after every choice, each one a branch of the one before. */
function tree(steps: readonly Step[]): string {
  const lines: string[] = [];
  let depth = 0;
  for (const [at, step] of steps.entries()) {
    const branch = depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `;
    if (step.move === 'reveal') continue;
    const of = steps[at - 1]?.entries;
    lines.push(`${branch}${stepText(step, of)}  [${step.gas} gas, block ${step.block}]`);
    depth++;
  }
  const last = steps.at(-1);
  if (last?.move === 'reveal')
    lines.push(`${'   '.repeat(depth - 1)}└─ ${last.entries} entries revealed, to be answered  [${last.gas} gas]`);
  return lines.join('\n');
}

function stepText({ move, position, index, isSolverRight }: Step, of: number | undefined): string {
  if (move === 'resolve') return isSolverRight === true ? 'the solver is right' : 'the claim falls';
  if (move === 'collect') return 'bond and share collected';
  const words = positionText(position);
  if (move !== 'select') return words;
  // The entries of a chunk hold eight words each, and it is a word that is pointed at.
  if (position.level === 'element') return `${words}  (word ${index} of its chunk)`;
  return `${words}  (entry ${index}${of === undefined ? '' : `, ${of} revealed`})`;
}

function document(game: ChainGame, steps: readonly Step[], gas: ReturnType<typeof gasBySide>) {
  const { id, claim, job, challenger, bond, isCollected } = game;
  const { status, ending, turn, left, last, moves, h } = game.game;
  return {
    ...{ id, claim: claim.id, job: job.id, solver: claim.solver, challenger, bond, status, ending, isCollected },
    ...{ turn: status === 'live' ? turn : null, left, last, moves, h: toHex(h) },
    ...{ block: game.block.number, gas, position: steps.at(-1)!.position, history: steps },
  };
}
