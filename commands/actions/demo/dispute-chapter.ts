/** The third chapter: both sides play on the chain, each with nothing but the chain and the run, down to one instruction. */
import { type ChainGame, readGame } from '../../../src/chain/games.js';
import { readClaim } from '../../../src/chain/market.js';
import { collectIfDue, type GameOutcome, play } from '../../../src/chain/play.js';
import { outputWords } from '../../../src/expr/operator.js';
import type { Execution } from '../../../src/game/execution.js';
import { moveBound } from '../../../src/game/move-bound.js';
import type { RunExecution } from '../../../src/game/run-execution.js';
import { operatorRecord } from '../../../src/program/hash.js';
import { temporaryCount } from '../../../src/program/program.js';
import { type InstructionReport, reportInstruction } from '../../../src/verify/instruction-report.js';
import { endText } from '../dispute/event-text.js';
import { challengersExecution, solversExecution } from '../dispute/player.js';
import { instructionFacts } from '../instruction-text.js';
import { ether } from '../settle/text.js';
import { facts } from '../table.js';
import type { Caught } from './cheat-chapter.js';
import { type DemoMove, MoveLog } from './move-log.js';
import type { Stage } from './stage.js';
import { grouped } from './story.js';
import { Tree } from './tree-text.js';

/** A dispute that is over. */
export interface Disputed {
  readonly moves: readonly DemoMove[];
  /** The most moves that this dispute could have taken each side. */
  readonly moveBound: ReturnType<typeof moveBound>;
  readonly outcome: GameOutcome;
  /** Null where it did not come to an instruction. */
  readonly instruction: InstructionReport | null;
}

interface Table {
  readonly game: ChainGame;
  readonly solver: RunExecution;
  readonly challenger: RunExecution;
}

const POLL_MILLISECONDS = 40;
/** Two players share the machine. */
const THREADS = 1;

/** Plays the chapter. */
export async function disputeChapter(stage: Stage, caught: Caught): Promise<Disputed> {
  const { bundle, story, market } = stage;
  story.chapter('3  The dispute: each line a transaction, the bar how many instructions are left');
  const game = await readGame(market, caught.game, bundle);
  const solver = await solversExecution(await readClaim(market, game.claim.id), caught.cheat.run, { threads: THREADS });
  try {
    const challenger = await challengersExecution(game, bundle, caught.cheat.run, { threads: THREADS });
    if (challenger === null) throw new Error('the verifier has no state that the game begins with');
    try {
      return await played(stage, caught, { game, solver, challenger });
    } finally {
      await challenger.dispose();
    }
  } finally {
    await solver.dispose();
  }
}

async function played(stage: Stage, caught: Caught, table: Table): Promise<Disputed> {
  const { bundle, book, story, cast, market } = stage;
  const tree = new Tree(story, bundle);
  const log = new MoveLog(bundle, book, (move) => tree.tell(move));
  const outcome = await bothSides(stage, table, log);
  log.close(outcome.game);
  // On a chain of its own nothing but a mistake of ours can let a proven fault pass.
  if (outcome.result !== 'won') throw new Error(`the verifier ${outcome.result} a game that was his`);
  const instruction = await instructionOf(bundle, outcome.game, table);
  if (instruction !== null) story.show(`\n${instructionText(instruction)}\n`);
  story.tell('', story.look.green(endText(outcome.game.game)));
  story.tell('', summaryText(log.moves));
  story.tell('', lossText(stage, caught));
  const collected = await collectIfDue(market, cast.verifier.sender, outcome.game);
  if (collected?.kind === 'sent') story.tell('verifier', 'collects bond and share', book.get(collected.hash)!);
  return { moves: log.moves, moveBound: boundOf(stage, table.game), outcome, instruction };
}

/** Where one player fails, the other one must not play on. */
async function bothSides({ market, cast, invocation }: Stage, table: Table, log: MoveLog): Promise<GameOutcome> {
  const giveUp = new AbortController();
  const common = {
    ...({ market, gameId: table.game.id, mode: 'defend', pollEvery: POLL_MILLISECONDS } as const),
    signal: AbortSignal.any([invocation.signal, giveUp.signal]),
    onEvent: (event: Parameters<MoveLog['heed']>[0]) => log.heed(event),
  };
  const players = [
    play({ ...common, side: 'solver', sender: cast.cheat.sender, execution: table.solver }),
    play({ ...common, side: 'challenger', sender: cast.verifier.sender, execution: table.challenger }),
  ];
  try {
    return (await Promise.all(players))[1]!;
  } finally {
    giveUp.abort();
    await Promise.allSettled(players);
  }
}

/** What the game came down to, as each side executes it. */
async function instructionOf(
  { program }: Stage['bundle'],
  { game }: ChainGame,
  { solver, challenger }: { readonly solver: Execution; readonly challenger: Execution },
): Promise<InstructionReport | null> {
  if (game.ending !== 'proved') return null;
  const { step, k: operator, elem: element, a: index } = game.context;
  const place = { step, operator, element };
  const { dtype } = program.operators[operator]!.operator;
  const [expected, claimed] = [await challenger.elementStates(place), await solver.elementStates(place)];
  return reportInstruction({ expected, claimed, index, dtype });
}

/** What it is, reads and sets, and the hashes that the contract compares; registers that it does not touch are left out. */
function instructionText(instruction: InstructionReport): string {
  const rows = instructionFacts(instruction);
  const [from, to] = ['registers', 'state before'].map((wanted) => rows.findIndex(([name]) => name === wanted));
  return facts(rows.toSpliced(from!, to! - from!));
}

function summaryText(moves: readonly DemoMove[]): string {
  const gas = moves.reduce((sum, move) => sum + move.gas, 0n);
  const seconds = moves.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const first = moves[0]!.instructionsLeft;
  return `${grouped(first)} instructions to one: ${moves.length} moves, ${grouped(gas)} gas, ${seconds.toFixed(1)} s`;
}

function lossText({ market }: Stage, { solverBond }: Caught): string {
  const { burnPercent } = market.limits;
  return `the cheat's bond of ${ether(solverBond)}: ${burnPercent} % burnt, the rest for the verifier`;
}

function boundOf({ bundle }: Stage, { history }: ChainGame) {
  const { program } = bundle;
  return moveBound({
    steps: history[0]!.context.n,
    temporaries: temporaryCount(program),
    states: program.state.length,
    words: Math.max(...program.operators.map(({ operator }) => outputWords(operator))),
    instructions: Math.max(...program.operators.map((entry) => operatorRecord(entry).instructions)),
  });
}
