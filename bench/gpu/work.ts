/** What one training step asks of a device, from the program alone. */
import { planGpu } from '../../src/backends/webgpu/gpu-plan.js';
import { outputWords, product } from '../../src/expr/operator.js';
import { isInstructionName } from '../../src/numerics/instructions.js';
import type { Program } from '../../src/program/program.js';

export interface StepWork {
  readonly operators: number;
  /** Kernels started; each waits for the one before. */
  readonly dispatches: number;
  /** Different shaders to compile. */
  readonly shaders: number;
  /** Training steps in one submission at most; one small reading follows each. */
  readonly stepsInSubmission: number;
  /** Scalar instructions on data, at most: those of a fold count in every turn. */
  readonly instructions: number;
  /** Bytes that have to move at least: every operand and output once. */
  readonly bytes: number;
}

/** Limits under which a plan is made; they do not change the work. */
const LIMITS = {
  maxStorageBufferBindingSize: 2 ** 31,
  maxBufferSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  minUniformBufferOffsetAlignment: 256,
};

export function stepWork(program: Program): StepWork {
  const plan = planGpu(program, { mode: 'native', limits: LIMITS, arena: 2 ** 31 });
  const running = program.operators.filter((_, at) => plan.operators[at] !== undefined);
  let instructions = 0;
  let bytes = 0;
  for (const { operator } of running) {
    const elements = outputWords(operator);
    const nodes = operator.body.nodes.filter(({ op, dtype }) => isInstructionName(op) && dtype === 'f32').length;
    instructions += elements * product(operator.reduction) * nodes;
    bytes +=
      4 * (elements + operator.operands.reduce((sum, { words }) => sum + Math.min(words, readBound(operator)), 0));
  }
  return {
    operators: program.operators.length,
    dispatches: running.length + 1,
    shaders: new Set(plan.operators.flatMap((call) => call?.code ?? [])).size,
    stepsInSubmission: plan.stepsAtOnce,
    instructions,
    bytes,
  };
}

/** Words that an operator can read of an operand at most: a step does not read a whole data set. */
function readBound({ domain, reduction, body }: Program['operators'][number]['operator']): number {
  return product(domain) * product(reduction) * Math.max(1, body.nodes.filter(({ op }) => op === 'load').length);
}
