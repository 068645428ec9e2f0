import { describe, expect, test } from '@jest/globals';
import { ByteSink } from '../../src/wasm/byte-sink.js';
import { ModuleBuilder } from '../../src/wasm/module-builder.js';
import {
  LANE_OPCODES,
  MEMORY_OPCODES,
  PLAIN_OPCODES,
  type PlainInstruction,
  SATURATING_OPCODES,
  SIMD_OPCODES,
} from '../../src/wasm/opcodes.js';

function instantiate(module: ModuleBuilder, memory?: WebAssembly.Memory): Record<string, CallableFunction> {
  const imports = memory === undefined ? {} : { env: { memory } };
  return new WebAssembly.Instance(new WebAssembly.Module(module.encode()), imports).exports as never;
}

describe('the WebAssembly encoder', () => {
  test('writes LEB128 as the specification says', () => {
    expect([...new ByteSink().unsigned(624485).view()]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...new ByteSink().signed(-123456).view()]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...new ByteSink().signed64(-123456n).view()]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...new ByteSink().unsigned(0xffffffff).view()]).toEqual([255, 255, 255, 255, 15]);
  });

  test('every instruction of the tables is accepted by the engine', () => {
    const names = [...Object.keys(PLAIN_OPCODES), ...Object.keys(SATURATING_OPCODES), ...Object.keys(SIMD_OPCODES)];
    const module = new ModuleBuilder();
    module.importMemory({ minimum: 1, maximum: 1, shared: true });
    // Behind `unreachable` the stack has any types, so each instruction validates whatever it takes.
    for (const name of names) {
      module.addFunction([], [], (f) => {
        f.op('unreachable', name as PlainInstruction, 'unreachable');
      });
    }
    for (const name of Object.keys(MEMORY_OPCODES) as (keyof typeof MEMORY_OPCODES)[]) {
      module.addFunction([], [], (f) => {
        f.op('unreachable').mem(name, 8).op('unreachable');
      });
    }
    for (const name of Object.keys(LANE_OPCODES) as (keyof typeof LANE_OPCODES)[]) {
      module.addFunction([], [], (f) => {
        f.op('unreachable').lane(name, 1).op('unreachable');
      });
    }
    expect(WebAssembly.validate(module.encode())).toBe(true);
  });

  test('locals are reused, loops count, tables call', () => {
    const module = new ModuleBuilder();
    const double = module.addFunction(['i32'], ['i32'], (f, x) => {
      f.get(x!).i32(1).op('i32.shl');
    });
    const square = module.addFunction(['i32'], ['i32'], (f, x) => {
      f.get(x!).get(x!).op('i32.mul');
    });
    module.setTable([double, square]);
    const unary = module.typeIndex(['i32'], ['i32']);
    const sum = module.addFunction(['i32', 'i32'], ['i32'], (f, which, count) => {
      const total = f.local('i32');
      const counter = f.local('i32');
      f.countedLoop(
        counter,
        0,
        () => f.get(count!),
        1,
        () => {
          f.get(total).get(counter).get(which!).callIndirect(unary).op('i32.add').set(total);
        },
      );
      f.release(counter);
      expect(f.local('i32')).toBe(counter);
      f.get(total);
    });
    module.exportFunction('sum', sum);
    const { sum: run } = instantiate(module);
    expect([run!(0, 5), run!(1, 5)]).toEqual([20, 30]);
  });

  test('vectors, lanes and bulk memory reach the memory', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const module = new ModuleBuilder();
    module.importMemory({ minimum: 1, maximum: 1, shared: true });
    const run = module.addFunction([], [], (f) => {
      const vector = f.local('v128');
      f.v128(1, 2, 3, 4).v128(5, 6, 7, 8).shuffleWords(3, 4, 0, 7).set(vector);
      f.i32(0).get(vector).mem('v128.store', 16);
      f.i32(0).get(vector).laneMem('v128.store32_lane', 32, 1);
      f.i32(64).i32(16).i32(16).memoryCopy();
      f.i32(96).i32(0xab).i32(4).memoryFill();
      f.i32(0).i32(7).mem('i32.atomic.rmw.add', 100).op('drop');
    });
    module.exportFunction('run', run);
    instantiate(module, memory).run!();
    const words = new Uint32Array(memory.buffer, 0, 32);
    expect([...words.slice(4, 9)]).toEqual([4, 5, 1, 8, 5]);
    expect([...words.slice(16, 20)]).toEqual([4, 5, 1, 8]);
    expect([words[24], words[25]]).toEqual([0xabababab, 7]);
  });
});
