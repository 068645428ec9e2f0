import { describe, expect, test } from '@jest/globals';
import { conformanceProgram } from '../../src/backends/conformance.js';
import { requireMemory } from '../../src/backends/memory.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { isGensynError } from '../../src/errors/index.js';

const { program } = conformanceProgram();

describe.each([wasmBackend, referenceBackend])('memory of $name', (backend) => {
  const needed = backend.estimateMemory(program, { threads: 2 });

  test('is announced before it is taken, with what is there', () => {
    expect(() => requireMemory(backend, program, { threads: 2 }, needed)).not.toThrow();
    let caught: unknown;
    try {
      requireMemory(backend, program, { threads: 2 }, needed - 1);
    } catch (error) {
      caught = error;
    }
    expect(isGensynError(caught, 'run.out-of-memory')).toBe(true);
    expect((caught as Error).message).toContain(`${Math.ceil(needed / 2 ** 20)} MiB`);
  });

  test('counts every executor that will live at once', () => {
    expect(() => requireMemory(backend, program, { threads: 2, executors: 3 }, 3 * needed)).not.toThrow();
    expect(() => requireMemory(backend, program, { threads: 2, executors: 3 }, 3 * needed - 1)).toThrow();
  });
});
