/** What every command does that stakes something: show it, ask, send, and tell what was sent. */
import { formatGwei, parseEther } from 'viem';
import { describeCall } from '../../../src/chain/call.js';
import type { StakeQuote } from '../../../src/chain/quote.js';
import type { DryRun, Sent } from '../../../src/chain/sender.js';
import { fail, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Invocation, Outcome } from '../../context.js';
import { confirm } from '../../prompt.js';
import type { BondOptions } from '../../settle/options.js';
import { facts } from '../table.js';
import { ether, span } from './text.js';

type Rows = readonly (readonly [name: string, value: string])[];

/** A quote for people. */
export function quoteRows(quote: StakeQuote): Rows {
  const { role, bond, requiredBond, largestLoss, longestDelay, expectedGas, expectedGasCost, gasOfGame } = quote;
  const games = gasOfGame === 0n ? [] : [['gas of one game', `at most ${gasOfGame}`] as const];
  return [
    ['role', role],
    ['bond', bond === requiredBond ? ether(bond) : `${ether(bond)} (${ether(requiredBond)} in this block)`],
    ['largest loss', ether(largestLoss)],
    ['longest delay', span(longestDelay)],
    ['expected gas', `${expectedGas}, ${ether(expectedGasCost)} at ${formatGwei(quote.gasPrice)} gwei`],
    ...games,
  ];
}

/**
 * Refuses a bond beyond what the options allow: it follows the base fee, and that is whatever the node says.
 *
 * @throws `market.bond-too-high`
 */
export function requireBond({ bond }: StakeQuote, { maxBond }: Pick<BondOptions, 'maxBond'>): void {
  if (maxBond === undefined || bond <= parseEther(maxBond)) return;
  throw fail('market.bond-too-high', { have: ether(bond), want: `${maxBond} ETH` });
}

/** A quote for scripts. */
export function quoteDocument(quote: StakeQuote) {
  const { role, bond, requiredBond, largestLoss, longestDelay } = quote;
  const { expectedGas, expectedGasCost, gasOfGame, gasPrice } = quote;
  return {
    role,
    bond,
    requiredBond,
    largestLoss,
    longestDelay,
    expectedGas,
    expectedGasCost,
    gasOfGame,
    gasPrice,
  };
}

/** Shows what is at stake and asks; a dry run stakes nothing, so that nobody is asked. */
export async function agree(
  invocation: Invocation,
  { yes, dryRun }: { readonly yes?: boolean; readonly dryRun?: boolean },
  question: string,
  rows: Rows,
): Promise<boolean> {
  invocation.progress.end();
  const { json, quiet } = invocation.globals;
  const isWanted = !json && dryRun !== true && !(quiet && yes === true);
  if (isWanted) invocation.terminal.message(facts(rows));
  return dryRun === true || confirm(invocation, '--yes', question, yes === true);
}

/** The outcome where a person said no. */
export function declined(): Outcome {
  return { result: { state: 'declined' }, text: 'Nothing was sent.', exitCode: OUTCOME_CODES.inconclusive };
}

/** A transaction that was sent, for scripts. */
export function sentDocument({ what, hash, block, gasUsed, fee }: Sent) {
  return { what, hash, block, gasUsed, fee };
}

/** A transaction for people. */
export function sentRows({ hash, block, gasUsed, fee }: Sent): Rows {
  return [
    ['transaction', hash],
    ['block', String(block)],
    ['gas', `${gasUsed}, ${ether(fee)}`],
  ];
}

/** A transaction that was only simulated, for scripts. */
function callDocument({ what, from, to, value, gas, largestCost, data }: Omit<DryRun, 'kind'>) {
  return { what, from, to, value, gas, largestCost, data };
}

/** The outcome of a dry run. @param more - further fields of the result, behind the calls */
export function dryRunOutcome(
  calls: readonly Omit<DryRun, 'kind'>[],
  rows: Rows = [],
  more: Readonly<Record<string, unknown>> = {},
): Outcome {
  const blocks = [
    ...(rows.length === 0 ? [] : [rows]),
    ...calls.map((call) => [['to do', call.what] as const, ...describeCall(call)]),
  ];
  return {
    result: { state: 'dry-run', calls: calls.map(callDocument), ...more },
    text: `${blocks.map(facts).join('\n\n')}\n\nA dry run: nothing was sent.`,
  };
}
