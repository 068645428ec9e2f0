/**
 * Kernels for contractions: register tiles of 2 × 16 or 4 × 8 outputs over packed panels. The order of each output's sum is the
 * reduction's order, so the tiles change no bit.
 */
import { product } from '../../expr/operator.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { Contraction } from '../plan/contraction.js';
import { type KernelBody, keyOfBody } from '../plan/kernel-body.js';
import { LEVELS } from '../plan/representation.js';
import { emitBlocks } from './contraction-blocks.js';
import { type ContractionContext, setCoordinates, setOrigin, setOutput, setSmaller } from './contraction-context.js';
import { type ContractionSchedule, scheduleOf, scratchOf } from './contraction-schedule.js';
import { KERNEL_PARAMS, type Kernel, loadDescriptor, type SharedFunctions } from './kernel.js';
import { NodeEmitter } from './node-emitter.js';

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
  const [row, column, rowAt, sums, firstTurn, firstSpan, endSpan, span] = eight(f);
  const [unit, endUnit, rest] = f.locals(3, 'i32') as [Local, Local, Local];
  const context: ContractionContext = {
    ...{ f, body, contraction, schedule, emitter, index, scratch: params.scratch, operands, outputStart: output },
    ...{ leftOrigin, rightOrigin, output: unitOutput, firstSpan, endSpan, span, firstRow, endRow },
    ...{ firstPanel, endPanel, panel, row, column, rowAt, sums, firstTurn },
  };
  emitter.holdNaN();
  emitter.openLevel(LEVELS.chunk);
  f.get(params.chunk).i32(schedule.unitsPerChunk).op('i32.mul').set(unit);
  f.get(unit).i32(schedule.unitsPerChunk).op('i32.add').set(endUnit);
  setSmaller(f, endUnit, schedule.units);
  f.loop((nextUnit) => {
    emitUnitStart(context, unit, rest);
    emitBlocks(context);
    f.get(unit).i32(1).op('i32.add').tee(unit).get(endUnit).op('i32.lt_u').brIf(nextUnit);
  });
}

function eight(f: FunctionBuilder): [Local, Local, Local, Local, Local, Local, Local, Local] {
  return f.locals(8, 'i32') as [Local, Local, Local, Local, Local, Local, Local, Local];
}

/** Decodes a unit's number: panels vary fastest, then rows, then spans, then the other coordinates. */
function emitUnitStart(context: ContractionContext, unit: Local, rest: Local): void {
  const { f, contraction, schedule, firstPanel, endPanel, firstRow, endRow, firstSpan, endSpan } = context;
  const { panelBlocks, panelsPerUnit, rowBlocks, rowsPerUnit, spanBlocks, spansPerUnit } = schedule;
  f.get(unit).set(rest);
  const take = (blocks: number, size: number, first: Local, end: Local, most: number): void => {
    f.get(rest).i32(blocks).op('i32.rem_u').i32(size).op('i32.mul').tee(first);
    f.i32(size).op('i32.add').set(end);
    setSmaller(f, end, most);
    f.get(rest).i32(blocks).op('i32.div_u').set(rest);
  };
  take(panelBlocks, panelsPerUnit, firstPanel, endPanel, schedule.widePanels + schedule.narrowPanels);
  take(rowBlocks, rowsPerUnit, firstRow, endRow, contraction.rows);
  const spans = product(schedule.spanAxes.map((axis) => context.body.domain[axis]!));
  if (schedule.spanAxes.length > 0) take(spanBlocks, spansPerUnit, firstSpan, endSpan, spans);
  setCoordinates(context, schedule.unitAxes, rest);
  setOrigin(context, contraction.right, context.rightOrigin);
  if (schedule.spanAxes.length > 0) return;
  setOrigin(context, contraction.left, context.leftOrigin);
  setOutput(context);
}
