/** The kernel for every operator: one invocation computes one output element, and folds in order. */
import { product } from '../../../expr/operator.js';
import type { KernelBody } from '../../plan/kernel-body.js';
import { literal } from './arithmetic.js';
import {
  coordinatesCode,
  type Depth,
  declareNode,
  depthsOf,
  type PlacedBody,
  readerFunctions,
  storedValue,
  valueName,
} from './body-code.js';
import { baseCode, type Frame, shaderCode, writeCode } from './frame.js';
import { flatDispatch, type KernelCode } from './kernel-code.js';

const GROUP_SIZE = 64;
/** Sums and products from which on the guards cost more than integers: in time, and above all in compiling. */
const MANY_GUARDS = 12;

/** Code and grid of an operator's kernel. */
export function elementKernel(frame: Frame, placed: PlacedBody): KernelCode {
  const { body, output } = placed;
  const elements = product(body.domain);
  const axes = [...body.domain.keys()];
  const own = `${readerFunctions(placed)}
@compute @workgroup_size(${GROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let element = id.x + id.y * groups.x * ${literal(GROUP_SIZE)};
  if (element >= ${literal(elements)}) { return; }
  ${coordinatesCode('element', axes, body.domain)}
  ${valueCode(placed)}
  ${writeCode(output, `${baseCode(0)} + element`, storedValue(body))}
}
`;
  const dispatch = flatDispatch(Math.ceil(elements / GROUP_SIZE));
  return { code: shaderCode(withoutManyGuards(frame, body), 1 + placed.operands.length, own), dispatch };
}

function withoutManyGuards(frame: Frame, { nodes }: KernelBody): Frame {
  const guards = nodes.filter(({ op }) => op === 'fadd' || op === 'fsub' || op === 'fmul').length;
  return frame.mode === 'guarded' && guards > MANY_GUARDS ? { ...frame, mode: 'integer' } : frame;
}

function valueCode(placed: PlacedBody): string {
  const { body } = placed;
  const depths = depthsOf(body);
  const nodesAt = (depth: Depth): string[] =>
    body.nodes.flatMap((_, at) => (depths[at] === depth ? [declareNode(placed, at)] : []));
  if (body.update.length === 0) return nodesAt(0).join('\n  ');
  const lines = [...nodesAt(0), ...body.init.map((at, slot) => `var a${slot} = ${valueName(at)};`)];
  lines.push(...foldCode(body, nodesAt), ...nodesAt(body.reduction.length + 1));
  return lines.join('\n  ');
}

/** A bound that no compiler knows: Mesa unrolls all axes of a fold, and then needs 15 seconds for a gradient of 96 turns. */
const hidden = (extent: number): string => `(${literal(extent)} ^ call.zero)`;

function foldCode({ reduction, update }: KernelBody, nodesAt: (depth: Depth) => string[]): string[] {
  const lines: string[] = [];
  reduction.forEach((extent, axis) => {
    const bound = axis === reduction.length - 1 ? literal(extent) : hidden(extent);
    lines.push(`for (var r${axis} = 0u; r${axis} < ${bound}; r${axis}++) {`, ...nodesAt(axis + 1));
  });
  // All updates see the accumulators from before the turn.
  lines.push(...update.map((at, slot) => `let next${slot} = ${valueName(at)};`));
  lines.push(...update.map((_, slot) => `a${slot} = next${slot};`));
  lines.push(...reduction.map(() => '}'));
  return lines;
}
