/** The story as one document, and its end as a table. */
import { formatEther } from 'viem';
import { toHex } from '../../../src/commitments/hash.js';
import type { PositionFacts } from '../dispute/position-text.js';
import { table } from '../table.js';
import type { Transaction } from './cast.js';
import type { Caught } from './cheat-chapter.js';
import type { Disputed } from './dispute-chapter.js';
import type { Trained } from './market-steps.js';
import type { Balances } from './money.js';
import type { DemoMove } from './move-log.js';
import type { Stage } from './stage.js';

/** Everything that happened. */
export interface Played {
  readonly honest: Trained;
  readonly caught: Caught;
  readonly disputed: Disputed;
  readonly balances: Balances;
}

/** The result for scripts. */
export function demoDocument(stage: Stage, { honest, caught, disputed, balances }: Played) {
  const { bundle, options, market, chain, book } = stage;
  const { name, hashes, steps, checkpointEvery } = bundle;
  return {
    job: { name, jobHash: toHex(hashes.job), steps, checkpointEvery },
    chain: { chainId: chain.chainId, contract: market.address },
    honest: runDocument(stage, honest),
    cheat: runDocument(stage, caught.cheat),
    fault: faultDocument(stage, caught),
    verification: verificationDocument(caught),
    dispute: disputeDocument(caught, disputed),
    transactions: [...book.values()].map(transactionDocument),
    balances: balances.accounts,
    burnt: balances.burnt,
    contractBalance: balances.contract,
    kept: options.keep ?? null,
  };
}

function runDocument({ options }: Stage, { result }: Trained) {
  const run = options.keep === undefined ? null : result.run;
  const { backend, traceRoot, finalStateRoot, loss, evaluation, stepsPerSecond } = result;
  return { run, backend, traceRoot, finalStateRoot, loss, evaluation, stepsPerSecond };
}

function faultDocument({ bundle }: Stage, { fault }: Caught) {
  const { step, operator: index, element, bit } = fault;
  const { operator, label } = bundle.program.operators[index]!;
  return { step, operator: { index, kind: operator.kind, label }, element, bit };
}

function verificationDocument({ draw, finding }: Caught) {
  const { intervals, of, beacon } = draw;
  const { verdict, replays, opening } = finding;
  const interval = opening!.i;
  return { mode: beacon === null ? 'full' : 'sample', intervals, of, beacon, verdict, interval, replays };
}

function disputeDocument({ game, claim, job, solverBond, challengerBond }: Caught, disputed: Disputed) {
  const { moves, moveBound, outcome, instruction } = disputed;
  const { status, ending } = outcome.game.game;
  return {
    ...{ game, claim: claim.id, job: job.id, solverBond, challengerBond },
    ...{ verdict: status, ending, loser: outcome.result === 'won' ? 'cheat' : 'verifier' },
    ...{ gas: gasOf(moves), moveBound, instruction, moves: moves.map(moveDocument) },
  };
}

function gasOf(moves: readonly DemoMove[]) {
  const of = (role: DemoMove['by']): number =>
    Number(moves.filter(({ by }) => by === role).reduce((sum, { gas }) => sum + gas, 0n));
  return { cheat: of('cheat'), verifier: of('verifier') };
}

function moveDocument({ move, by, phase, range, position, ...rest }: DemoMove) {
  const { instructionsLeft, gas, ms, block, txHash, entries, index } = rest;
  const shown = { ...(entries === undefined ? {} : { entries }), ...(index === undefined ? {} : { index }) };
  const common = { ...placeDocument(position), ...shown, instructionsLeft };
  return { move, phase, range, by, gas: Number(gas), ms: Math.round(ms), txHash, block: Number(block), ...common };
}

function placeDocument({ step, operator, element, instruction }: PositionFacts) {
  return {
    ...(step === undefined ? {} : { step }),
    ...(operator === undefined ? {} : { operator }),
    ...(element === undefined ? {} : { element }),
    ...(instruction === undefined ? {} : { instruction }),
  };
}

function transactionDocument({ by, what, gas, fee, ms, block, txHash }: Transaction) {
  return { by, what, gas: Number(gas), fee, ms: Math.round(ms), block: Number(block), txHash };
}

/** The money for people, in ether. */
export function balancesText({ accounts, burnt, contract, sum }: Balances): string {
  const rows = accounts.map(({ role, before, after, difference, gasPaid }) => [
    ...[role, amount(before), amount(after), signed(difference)].map((cell, at) =>
      at === 0 ? cell : cell.padStart(14),
    ),
    amount(gasPaid),
  ]);
  rows.push(['burnt', ...[amount(0n), amount(burnt), signed(burnt)].map((cell) => cell.padStart(14)), '']);
  rows.push(['contract', ...[amount(0n), amount(contract), signed(contract)].map((cell) => cell.padStart(14)), '']);
  const head = ['ETH', 'before'.padStart(14), 'after'.padStart(14), 'difference'.padStart(14), 'of which gas'];
  return `${table(head, rows)}\n\nAll differences and all gas together: ${sum} wei.`;
}

const DIGITS = 6;

/** Wei as ether with six digits behind the point. */
function amount(wei: bigint): string {
  const unit = 10n ** BigInt(18 - DIGITS);
  const half = wei < 0n ? -unit / 2n : unit / 2n;
  const [whole = '', fraction = ''] = formatEther(((wei + half) / unit) * unit).split('.');
  return `${whole}.${fraction.padEnd(DIGITS, '0')}`;
}

function signed(wei: bigint): string {
  return wei > 0n ? `+${amount(wei)}` : amount(wei);
}
