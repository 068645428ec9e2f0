/** Rules of the generated shaders that hold on every device; no driver is needed. */
import { describe, expect, test } from '@jest/globals';
import { conformanceProgram } from '../../src/backends/conformance.js';
import { planGpu } from '../../src/backends/webgpu/gpu-plan.js';
import { type ArithmeticMode, arithmeticFunctions } from '../../src/backends/webgpu/wgsl/arithmetic.js';
import { neededFunctions } from '../../src/backends/webgpu/wgsl/prune.js';
import { trainingProgram } from '../wasm/training-program.js';

const LIMITS = {
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  minUniformBufferOffsetAlignment: 256,
};

function shaders(mode: ArithmeticMode): string[] {
  return [conformanceProgram().program, trainingProgram()].flatMap((program) => {
    const plan = planGpu(program, { mode, limits: LIMITS, arena: 2 ** 27 });
    const calls = [...plan.operators.filter((call) => call !== undefined), plan.advance, ...plan.hashes.calls];
    return calls.flatMap(({ code }) => code);
  });
}

describe('generated shaders', () => {
  test('use no floats at all in the integer mode', () => {
    for (const code of shaders('integer')) expect(code).not.toContain('f32');
  });

  test.each(['native', 'guarded'] as const)('hide every float result from the compiler (%s)', (mode) => {
    const lines = shaders(mode).flatMap((code) => code.split('\n').filter((line) => line.includes('f32')));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(/bitcast<u32>\(bitcast<f32>\(a\) [+*] bitcast<f32>\(b\)\) \^ call\.zero/);
    }
  });

  test('hide every constant from the compiler', () => {
    const constants = shaders('native').flatMap((code) => code.match(/let n\d+ = \d+u[^;]*;/g) ?? []);
    expect(constants.length).toBeGreaterThan(0);
    for (const line of constants) expect(line).toMatch(/= \d+u \^ call\.zero;/);
  });

  test('are the same text for equal operators at different places', () => {
    const { operators } = planGpu(trainingProgram(), { mode: 'native', limits: LIMITS, arena: 2 ** 27 });
    // Both are sums over all words, of different tensors.
    expect(operators[3]!.code).toEqual(operators[2]!.code);
    expect(operators[3]!.record).not.toEqual(operators[2]!.record);
  });

  test('hold the functions that they call, and no others', () => {
    const text = neededFunctions(arithmeticFunctions('native'), 'let x = f_div(1u, 2u);');
    const names = [...text.matchAll(/^fn (\w+)\(/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(['divide_digit', 'f_div', 'round_pack', 'shift_sticky', 'unpack']);
  });
});
