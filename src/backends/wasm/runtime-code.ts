/** The part of an executor's module that hands out work to threads. */
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { ModuleBuilder } from '../../wasm/module-builder.js';
import { CONTROL, RECORD, RECORD_BYTES, TASK, TASK_BYTES } from './control-block.js';
import { KERNEL_PARAMS } from './kernel.js';

/**
 * Turns of waiting before a thread goes to sleep, about 75 µs: longer than the usual wait between tasks, and short
 * enough not to take a core from others. With a short wait the system keeps all threads on one core.
 */
const SPIN_TURNS = 100_000;
/** A sleeping thread looks up this often, in case somebody died. */
const SLEEP_NANOSECONDS = 100_000_000n;

interface RunLocals {
  readonly scratch: Local;
  readonly tasks: Local;
  readonly taskCount: Local;
  /** Number of the first task of this run. */
  readonly base: Local;
  readonly steps: Local;
  readonly step: Local;
  readonly parity: Local;
  readonly position: Local;
  /** Tasks of this run before the current one. */
  readonly past: Local;
  readonly task: Local;
  readonly record: Local;
  readonly chunk: Local;
  readonly pastSteps: Local;
}

/**
 * Adds `(scratch, tasks, taskCount, base, steps, step, parity) → i32`: repeats the tasks for each of the steps, together
 * with the other threads that call it with the same arguments, and gives 1 where it was aborted.
 *
 * There is no barrier at which all threads must arrive: a task is over when its chunks are finished, so a thread that
 * the system has put aside holds up the others only if it is in the middle of a chunk. Positions only grow, also from
 * run to run; so a late thread finds the run over and leaves.
 */
export function addRun(module: ModuleBuilder): number {
  const kernelType = module.typeIndex(KERNEL_PARAMS, []);
  const params = Array.from({ length: 7 }, () => 'i32' as const);
  return module.addFunction(params, ['i32'], (f, scratch, tasks, taskCount, base, steps, step, parity) => {
    const [past, task, record, chunk, pastSteps] = f.locals(5, 'i32') as [Local, Local, Local, Local, Local];
    const locals: RunLocals = {
      ...{ scratch: scratch!, tasks: tasks!, taskCount: taskCount!, base: base!, steps: steps!, step: step! },
      ...{ parity: parity!, position: f.local('i64'), past, task, record, chunk, pastSteps },
    };
    f.loop((again) => {
      emitLook(f, locals);
      f.get(past).get(steps!).get(taskCount!).op('i32.mul', 'i32.ge_u');
      f.if(() => f.i32(0).op('return'));
      f.i32(0).mem('i32.atomic.load', CONTROL.abort);
      f.if(() => f.i32(1).op('return'));
      f.get(chunk).get(task).mem('i32.load', TASK.chunks).op('i32.lt_u');
      f.if(
        () => emitTake(f, locals, kernelType),
        () => emitWait(f, locals.position),
      );
      f.br(again);
    });
    f.op('unreachable');
  });
}

/** Reads where the run is. */
function emitLook(f: FunctionBuilder, locals: RunLocals): void {
  const { position, past, base, taskCount, pastSteps, tasks, task, chunk } = locals;
  f.i32(0).mem('i64.atomic.load', CONTROL.position).set(position);
  f.get(position).op('i32.wrap_i64').set(chunk);
  f.get(position).i64(32n).op('i64.shr_u', 'i32.wrap_i64').get(base).op('i32.sub').set(past);
  f.get(past).get(taskCount).op('i32.div_u').set(pastSteps);
  f.get(past).get(pastSteps).get(taskCount).op('i32.mul', 'i32.sub').i32(TASK_BYTES).op('i32.mul');
  f.get(tasks).op('i32.add').set(task);
}

/** Takes the next chunk, unless another thread was faster, and computes it. */
function emitTake(f: FunctionBuilder, locals: RunLocals, kernelType: number): void {
  const { position, record, task, parity, pastSteps, chunk, scratch, step } = locals;
  f.i32(0).get(position).get(position).i64(1n).op('i64.add').mem('i64.atomic.rmw.cmpxchg', CONTROL.position);
  f.get(position).op('i64.eq');
  f.if(() => {
    f.get(task).mem('i32.load', TASK.first).set(record);
    f.loop((nextRecord) => {
      f.get(record).get(parity).get(pastSteps).op('i32.add').i32(1).op('i32.and').i32(2).op('i32.shl', 'i32.add');
      f.mem('i32.load', RECORD.descriptors);
      f.get(chunk).get(scratch).get(step).get(pastSteps).op('i32.add');
      f.get(record).mem('i32.load', RECORD.table).callIndirect(kernelType);
      f.get(record).i32(RECORD_BYTES).op('i32.add').tee(record);
      f.get(task).mem('i32.load', TASK.end).op('i32.lt_u').brIf(nextRecord);
    });
    emitFinish(f, locals);
  });
}

/** Counts a finished chunk; the last one of a task moves on to the next task. */
function emitFinish(f: FunctionBuilder, { task, past, base }: RunLocals): void {
  f.i32(0).i32(1).mem('i32.atomic.rmw.add', CONTROL.finished).i32(1).op('i32.add');
  f.get(task).mem('i32.load', TASK.chunks).op('i32.eq');
  f.if(() => {
    f.i32(0).i32(0).mem('i32.atomic.store', CONTROL.finished);
    f.i32(0).get(past).get(base).op('i32.add').i32(1).op('i32.add', 'i64.extend_i32_u').i64(32n).op('i64.shl');
    f.mem('i64.atomic.store', CONTROL.position);
    f.i32(0).mem('i32.atomic.load', CONTROL.sleeping);
    f.if(() => {
      f.i32(0).i32(-1).mem('memory.atomic.notify', CONTROL.position).op('drop');
    });
  });
}

/** Waits until the position changes: awake for a while, then asleep. */
function emitWait(f: FunctionBuilder, position: Local): void {
  const turns = f.local('i32');
  f.block((done) => {
    f.i32(SPIN_TURNS).set(turns);
    f.loop((again) => {
      f.i32(0).mem('i64.atomic.load', CONTROL.position).get(position).op('i64.ne').brIf(done);
      f.get(turns).i32(1).op('i32.sub').tee(turns).brIf(again);
    });
    f.i32(0).i32(1).mem('i32.atomic.rmw.add', CONTROL.sleeping).op('drop');
    f.i32(0).get(position).i64(SLEEP_NANOSECONDS).mem('memory.atomic.wait64', CONTROL.position).op('drop');
    f.i32(0).i32(1).mem('i32.atomic.rmw.sub', CONTROL.sleeping).op('drop');
  });
}

/**
 * Adds the kernel that copies the results of a step to their place in the ring. Its descriptor holds the ring's address
 * and then those of the results.
 */
export function addResultsKernel(module: ModuleBuilder, resultCount: number): number {
  return module.addFunction(KERNEL_PARAMS, [], (f, descriptor, _chunk, _scratch, step) => {
    const place = f.local('i32');
    f.get(step!)
      .i32(0)
      .mem('i32.load', CONTROL.ringStep)
      .op('i32.sub')
      .i32(4 * resultCount)
      .op('i32.mul');
    f.get(descriptor!).mem('i32.load', 0).op('i32.add').set(place);
    for (let at = 0; at < resultCount; at++) {
      f.get(place)
        .get(descriptor!)
        .mem('i32.load', 4 + 4 * at)
        .mem('i32.load', 0)
        .mem('i32.store', 4 * at);
    }
  });
}
