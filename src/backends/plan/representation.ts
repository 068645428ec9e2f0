/**
 * How the values of a kernel body are held, and in which loop they are computed.
 *
 * - `scalar`: one i32; integers that are the same for all lanes.
 * - `vector`: a v128 of four lanes; all f32 values and the other integers.
 * - `mask`: a v128 of all-ones and all-zeros lanes; truth values.
 */
import type { KernelBody, KernelNode } from './kernel-body.js';
import type { LinearTerm } from './linear-form.js';

export type Representation = 'scalar' | 'vector' | 'mask';

/** Loop levels: 0 the whole chunk, 1 a row of outputs, 2 a vector of outputs, 3 … one for each reduction axis. */
export const LEVELS = { chunk: 0, row: 1, vector: 2, fold: 3 } as const;

export interface Placement {
  readonly primary: Representation;
  /** True where the value differs between the lanes of a vector. */
  readonly varying: boolean;
  readonly level: number;
}

/** One use of a node in some representation. */
export interface Use {
  readonly node: number;
  readonly as: Representation;
}

export interface BodyPlacement {
  readonly nodes: readonly Placement[];
  /** The level of what happens after the fold; equal to `LEVELS.vector` where there is no reduction. */
  readonly finishLevel: number;
  /** The level of a term of a form inside a node of level `at`. */
  levelOfTerm(term: LinearTerm, at: number): number;
}

/** Places all nodes. `vectorAxis` is the output axis that runs along the lanes, −1 for none. */
export function placeBody(body: KernelBody, vectorAxis: number): BodyPlacement {
  const hasFold = body.update.length > 0;
  const innermost = LEVELS.fold + body.reduction.length - 1;
  const foldLevel = body.reduction.length > 0 ? innermost : LEVELS.vector;
  const finishLevel = hasFold ? LEVELS.fold + body.reduction.length : LEVELS.vector;
  const reachable = hasFold ? reachableFrom(body, [...body.init, ...body.update]) : new Set<number>();
  const nodes: Placement[] = [];

  const rawLevel = (term: LinearTerm): number => {
    if (term.of === 'reduce') return LEVELS.fold + term.at;
    if (term.of === 'node') return nodes[term.at]!.level;
    return term.at === vectorAxis ? LEVELS.vector : LEVELS.row;
  };
  const place = (node: KernelNode, at: number): Placement => {
    const uses = argumentsOf(node).map((arg) => nodes[arg]!);
    const alongLanes = formTerms(node).some((term) => term.of === 'index' && term.at === vectorAxis);
    const accumulates = node.op === 'acc' || node.op === 'result';
    const varying = uses.some((use) => use.varying) || alongLanes || (accumulates && vectorAxis >= 0);
    let level = Math.max(0, ...uses.map((use) => use.level), ...formTerms(node).map(rawLevel));
    if (node.op === 'acc') level = foldLevel;
    if (node.op === 'result') level = finishLevel;
    // What only `finish` needs is computed after the fold, so that it does not occupy registers during it.
    if (hasFold && level === LEVELS.vector && !reachable.has(at)) level = finishLevel;
    return { primary: primaryOf(body, node, varying, nodes), varying, level };
  };
  body.nodes.forEach((node, at) => {
    nodes.push(place(node, at));
  });
  const levelOfTerm = (term: LinearTerm, at: number): number => {
    const level = rawLevel(term);
    return at === finishLevel && level >= LEVELS.vector ? finishLevel : level;
  };
  return { nodes, finishLevel, levelOfTerm };
}

function reachableFrom(body: KernelBody, roots: readonly number[]): Set<number> {
  const reached = new Set(roots);
  for (let at = body.nodes.length - 1; at >= 0; at--) {
    if (reached.has(at)) for (const arg of argumentsOf(body.nodes[at]!)) reached.add(arg);
  }
  return reached;
}

export function formTerms(node: KernelNode): readonly LinearTerm[] {
  return 'form' in node ? node.form.terms : [];
}

/** The nodes a node reads. */
export function argumentsOf(node: KernelNode): readonly number[] {
  if ('args' in node) return node.args;
  return formTerms(node).flatMap((term) => (term.of === 'node' ? [term.at] : []));
}

const COMPARISONS: ReadonlySet<string> = new Set(['feq', 'flt', 'fle', 'ieq', 'ilts', 'iltu']);

function primaryOf(body: KernelBody, node: KernelNode, varying: boolean, placed: readonly Placement[]): Representation {
  switch (node.op) {
    case 'const':
      return node.dtype === 'i32' ? 'scalar' : 'vector';
    case 'step':
      return 'scalar';
    case 'acc':
    case 'result':
      return 'vector';
    case 'load':
    case 'loadbyte':
    case 'linear':
      return node.dtype === 'i32' && !varying ? 'scalar' : 'vector';
    default: {
      if (node.dtype === 'f32') return 'vector';
      const args = node.args.map((arg) => placed[arg]!.primary);
      const integers = node.args.every((arg) => body.nodes[arg]!.dtype === 'i32');
      if (integers && !varying && args.every((arg) => arg === 'scalar')) return 'scalar';
      return COMPARISONS.has(node.op) || isMaskLogic(body, node, placed) ? 'mask' : 'vector';
    }
  }
}

/** True for and/or/exclusive-or of two masks, at least. */
function isMaskLogic(body: KernelBody, node: KernelNode, placed: readonly Placement[]): boolean {
  if (node.op !== 'iand' && node.op !== 'ior' && node.op !== 'ixor') return false;
  return node.args.every((arg) => placed[arg]!.primary === 'mask' || COMPARISONS.has(body.nodes[arg]!.op));
}

/** What a node needs of its arguments when it is computed in its primary representation. */
export function usesOf(body: KernelBody, at: number, { nodes }: BodyPlacement): readonly Use[] {
  const node = body.nodes[at]!;
  const { primary } = nodes[at]!;
  if ('form' in node) {
    return argumentsOf(node).map((arg) => ({ node: arg, as: nodes[arg]!.varying ? 'vector' : 'scalar' }));
  }
  if (!('args' in node)) return [];
  if (primary === 'scalar') return node.args.map((arg) => ({ node: arg, as: 'scalar' }));
  if (isMaskLogic(body, node, nodes)) return node.args.map((arg) => ({ node: arg, as: 'mask' }));
  if (negatedMask(body, at, nodes) !== undefined) return [{ node: negatedMask(body, at, nodes)!, as: 'mask' }];
  return node.args.map((arg, position) => ({ node: arg, as: argumentRepresentation(body, node, position, nodes) }));
}

/** The mask that `ieq(mask, 0)` negates. */
export function negatedMask(body: KernelBody, at: number, placed: readonly Placement[]): number | undefined {
  const node = body.nodes[at]!;
  if (node.op !== 'ieq') return undefined;
  for (const [mask, zero] of [node.args, [...node.args].reverse()] as [number, number][]) {
    const constant = body.nodes[zero]!;
    if (placed[mask]!.primary === 'mask' && constant.op === 'const' && constant.imm === 0) return mask;
  }
  return undefined;
}

function argumentRepresentation(
  body: KernelBody,
  node: KernelNode & { readonly args: readonly number[] },
  position: number,
  placed: readonly Placement[],
): Representation {
  switch (node.op) {
    case 'fselect':
    case 'iselect':
      return position === 0 ? 'mask' : 'vector';
    case 'ishl':
    case 'ishru':
    case 'ishrs':
    case 'irotl':
      return position === 1 && placed[node.args[1]!]!.primary === 'scalar' ? 'scalar' : 'vector';
    case 'idivu':
    case 'iremu':
      return position === 1 && body.nodes[node.args[1]!]!.op === 'const' ? 'scalar' : 'vector';
    default:
      return 'vector';
  }
}
