/** The core of `gensyn inspect … --operator`. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../src/backends/registry.js';
import { toHex } from '../../src/commitments/hash.js';
import { OUTCOME_CODES } from '../../src/errors/index.js';
import { executeStep } from '../../src/program/execute-step.js';
import type { StepProof } from '../../src/program/step-proof.js';
import { inspectOperator as inspectCore, type OperatorInspection } from '../../src/verify/inspect-operator.js';
import type { Invocation, Outcome } from '../context.js';
import type { InspectOptions } from '../inspect.js';
import { instructionFacts, sourceFacts, wordText } from './instruction-text.js';
import { facts } from './table.js';

/** What the contract says of an instruction. */
interface OnChain {
  /** keccak256 of the state after the instruction: here, and as the contract computes it. */
  readonly here: string;
  readonly contract: string;
  /** Gas of the transaction. */
  readonly gas: number;
  /** True where the contract's state is the one that the run claims. */
  readonly agrees: boolean;
}

type Result = OperatorInspection & { readonly onChain?: OnChain };

export async function inspectOperator(
  options: InspectOptions & { readonly operator: number },
  { progress, signal }: Invocation,
): Promise<Outcome> {
  const { onchain, backend, threads = defaultThreads(), ...place } = options;
  progress.phase(place.step === undefined ? 'reading the program' : `replaying training step ${place.step}`);
  const loadBackend = () => loadCanonicalBackend(backend ?? DEFAULT_BACKEND, threads);
  const { inspection, proof } = await inspectCore({ ...place, threads, loadBackend, signal });
  if (onchain !== true || proof === null) return { result: inspection, text: textOf(inspection) };
  progress.phase('executing the instruction on a local chain');
  const result: Result = { ...inspection, onChain: await executeOnChain(proof, inspection) };
  const exitCode = result.onChain?.agrees === true ? OUTCOME_CODES.done : OUTCOME_CODES.negativeVerdict;
  return { result, text: textOf(result), exitCode };
}

async function executeOnChain(proof: StepProof, { instruction }: OperatorInspection): Promise<OnChain> {
  const outcome = executeStep(proof);
  if (outcome.refusal !== null) throw new Error(`the proof is refused here: ${outcome.refusal}`);
  // viem is slow to load and needed nowhere else.
  const { executeStepOnLocalChain } = await import('../../src/chain/execute-step.js');
  const { nextHash, gas } = await executeStepOnLocalChain(proof);
  const [here, contract] = [toHex(outcome.nextHash), toHex(nextHash)];
  return { here, contract, gas, agrees: contract === here && contract === instruction?.claimed.hash };
}

function textOf({ path, operator, listing, output, element, instruction, onChain }: Result): string {
  const { index, kind, label, dtype, domain, reduction, words, instructions, codeLength, computes } = operator;
  const rows: [string, string][] = [
    ['operator', `${index} (${kind}, ${label})`],
    ['output', `${dtype}[${domain}], ${words} elements${computes === undefined ? '' : `: the next ${computes}`}`],
    ['folds over', reduction.length === 0 ? 'nothing' : `[${reduction}]`],
    ...sourceFacts(operator),
    ['microcode', `${codeLength} instructions, of which an element executes ${instructions}`],
  ];
  if (output !== undefined) {
    rows.push(['training step', `${output.step}, replayed on ${output.backend}`], ['BLAKE3', output.blake3]);
  }
  if (element !== undefined) {
    const { expected, claimed } = element;
    rows.push([`element ${element.index}`, wordText(claimed)]);
    if (expected.bits !== claimed.bits) rows.push(['honest', wordText(expected)]);
  }
  if (instruction !== undefined) rows.push(...instructionFacts(instruction));
  if (onChain !== undefined) rows.push(...chainFacts(onChain));
  return `Operator ${index} of ${path}\n\n${facts(rows)}\n\n${markedListing(listing, instruction?.pc).join('\n')}`;
}

function chainFacts({ here, contract, gas, agrees }: OnChain): [string, string][] {
  return [
    ['here', here],
    ['contract', contract],
    ['gas', `${gas}, the transaction included`],
    [
      'verdict',
      agrees ? 'the contract gets the state that is claimed' : 'the contract gets another state: the claim is WRONG',
    ],
  ];
}

/** The listing with an arrow at one line. */
function markedListing(listing: readonly string[], pc: number | undefined): string[] {
  const number = pc === undefined ? undefined : `${String(pc).padStart(4)}  `;
  return listing.map((line) => `${number !== undefined && line.startsWith(number) ? '→' : ' '} ${line}`);
}
