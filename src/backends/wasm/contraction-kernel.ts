/**
 * Kernels for contractions: register tiles of 2 × 16 or 4 × 8 outputs over packed panels. The order of each output's sum is the
 * reduction's order, so the tiles change no bit.
 */
import { product } from '../../expr/operator.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { Contraction, Factor } from './contraction.js';
import { emitBlocks } from './contraction-blocks.js';
import { type ContractionContext, setSmaller } from './contraction-context.js';
import { type ContractionSchedule, scheduleOf, scratchOf } from './contraction-schedule.js';
import { KERNEL_PARAMS, type Kernel, loadDescriptor, type SharedFunctions } from './kernel.js';
import { type KernelBody, keyOfBody } from './kernel-body.js';
import { NodeEmitter } from './node-emitter.js';
import { LEVELS } from './representation.js';

/** The kernel of a contraction. */
export function contractionKernel(body: KernelBody, contraction: Contraction): Kernel {
  const schedule = scheduleOf(body, contraction);
  return {
    key: `contraction ${keyOfBody(body)}`,
    chunks: Math.ceil(schedule.units / schedule.unitsPerChunk),
    scratchBytes: scratchOf(schedule).end,
    build: (module, shared) =>
      module.addFunction(KERNEL_PARAMS, [], (f, descriptor, chunk, scratch, step) => {
        const params = { descriptor: descriptor!, chunk: chunk!, scratch: scratch!, step: step! };
        emitKernel(f, body, contraction, schedule, shared, params);
      }),
  };
}

function emitKernel(
  f: FunctionBuilder,
  body: KernelBody,
  contraction: Contraction,
  schedule: ContractionSchedule,
  shared: SharedFunctions,
  params: { readonly descriptor: Local; readonly chunk: Local; readonly scratch: Local; readonly step: Local },
): void {
  const { output, operands } = loadDescriptor(f, params.descriptor, body.operandWords.length);
  const index = f.locals(body.domain.length, 'i32');
  const reduce = f.locals(body.reduction.length, 'i32');
  const { fusedMultiplyAdd } = shared;
  const vectorAxis = contraction.columnAxis;
  const emitter = new NodeEmitter({
    f,
    body,
    vectorAxis,
    index,
    reduce,
    operands,
    step: params.step,
    fusedMultiplyAdd,
  });
  const [leftOrigin, rightOrigin, unitOutput, firstRow, endRow, firstPanel, endPanel, panel] = eight(f);
  const [row, column, rowAt, sums, firstTurn, unit, endUnit, rest] = eight(f);
  const context: ContractionContext = {
    ...{ f, body, contraction, schedule, emitter, index, scratch: params.scratch, leftOrigin, rightOrigin },
    ...{ output: unitOutput, firstRow, endRow, firstPanel, endPanel, panel, row, column, rowAt, sums, firstTurn },
  };
  emitter.holdNaN();
  emitter.openLevel(LEVELS.chunk);
  f.get(params.chunk).i32(schedule.unitsPerChunk).op('i32.mul').set(unit);
  f.get(unit).i32(schedule.unitsPerChunk).op('i32.add').set(endUnit);
  setSmaller(f, endUnit, schedule.units);
  f.loop((nextUnit) => {
    emitUnitStart(context, unit, rest);
    emitOrigin(context, contraction.left, operands, leftOrigin);
    emitOrigin(context, contraction.right, operands, rightOrigin);
    emitUnitOutput(context, output);
    emitBlocks(context);
    f.get(unit).i32(1).op('i32.add').tee(unit).get(endUnit).op('i32.lt_u').brIf(nextUnit);
  });
}

function eight(f: FunctionBuilder): [Local, Local, Local, Local, Local, Local, Local, Local] {
  return f.locals(8, 'i32') as [Local, Local, Local, Local, Local, Local, Local, Local];
}

/** Decodes a unit's number: panels vary fastest, then rows, then the outer coordinates. */
function emitUnitStart(context: ContractionContext, unit: Local, rest: Local): void {
  const { f, body, contraction, schedule, index } = context;
  const { panelBlocks, panelsPerUnit, rowBlocks, rowsPerUnit, widePanels, narrowPanels } = schedule;
  f.get(unit).i32(panelBlocks).op('i32.rem_u').i32(panelsPerUnit).op('i32.mul').set(context.firstPanel);
  f.get(context.firstPanel).i32(panelsPerUnit).op('i32.add').set(context.endPanel);
  setSmaller(f, context.endPanel, widePanels + narrowPanels);
  f.get(unit).i32(panelBlocks).op('i32.div_u').set(rest);
  f.get(rest).i32(rowBlocks).op('i32.rem_u').i32(rowsPerUnit).op('i32.mul').set(context.firstRow);
  f.get(context.firstRow).i32(rowsPerUnit).op('i32.add').set(context.endRow);
  setSmaller(f, context.endRow, contraction.rows);
  f.get(rest).i32(rowBlocks).op('i32.div_u').set(rest);
  for (const axis of [...contraction.outerAxes].reverse()) {
    f.get(rest).i32(body.domain[axis]!).op('i32.rem_u').set(index[axis]!);
    f.get(rest).i32(body.domain[axis]!).op('i32.div_u').set(rest);
  }
}

function emitOrigin(context: ContractionContext, factor: Factor, operands: readonly Local[], origin: Local): void {
  const { f, contraction, index } = context;
  f.get(operands[factor.operand]!)
    .i32(4 * factor.constant)
    .op('i32.add');
  for (const axis of contraction.outerAxes) {
    if (factor.index[axis] === 0) continue;
    f.get(index[axis]!)
      .i32(4 * factor.index[axis]!)
      .op('i32.mul', 'i32.add');
  }
  f.set(origin);
}

function emitUnitOutput(context: ContractionContext, output: Local): void {
  const { f, body, contraction, index } = context;
  f.get(output);
  for (const axis of contraction.outerAxes) {
    const stride = product(body.domain.slice(axis + 1));
    f.get(index[axis]!)
      .i32(4 * stride)
      .op('i32.mul', 'i32.add');
  }
  f.set(context.output);
}
