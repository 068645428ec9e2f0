/** What is said where the package or a usable GPU is missing; without any driver, with packages made for the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openAdapterDevice } from '../../src/backends/webgpu/device.js';
import { GpuMemory } from '../../src/backends/webgpu/gpu-memory.js';
import type { Gpu, GpuAdapter, GpuDevice } from '../../src/backends/webgpu/gpu-types.js';
import { largestArena, mapMemory, segmentsOf } from '../../src/backends/webgpu/memory-map.js';
import { type CreateGpu, loadWebgpuPackage } from '../../src/backends/webgpu/package.js';

const LIMITS = {
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  minUniformBufferOffsetAlignment: 256,
};

describe('the webgpu package', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gensyn-webgpu-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** A folder with a package of that version and source. */
  const install = (name: string, version: string, source: string): string => {
    const path = join(folder, name, 'node_modules', 'webgpu');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'webgpu', version, type: 'module' }));
    writeFileSync(join(path, 'index.js'), source);
    return join(folder, name);
  };

  test('that is missing: how to install it', async () => {
    await expect(loadWebgpuPackage([folder])).rejects.toMatchObject({
      code: 'webgpu.package-missing',
      hint: expect.stringContaining('npm install webgpu@0.6.2'),
    });
  });

  test('of another version: which one is there and which is needed', async () => {
    await expect(loadWebgpuPackage([install('old', '0.3.1', '')])).rejects.toMatchObject({
      code: 'webgpu.package-version',
      message: expect.stringContaining('0.3.1'),
    });
  });

  test('that does not load: why', async () => {
    const broken = install('broken', '0.6.2', "throw new Error('GLIBC_2.38 not found');");
    await expect(loadWebgpuPackage([broken])).rejects.toMatchObject({
      code: 'webgpu.package-broken',
      message: expect.stringContaining('GLIBC_2.38 not found'),
    });
  });

  test('is loaded where it is', async () => {
    const whole = install('whole', '0.6.2', "export const create = () => 'a gpu';");
    expect((await loadWebgpuPackage([folder, whole]))([])).toBe('a gpu');
  });
});

/** A package whose only adapter is this one. */
function packageWith(adapter: Partial<GpuAdapter> | null): CreateGpu {
  return (options): Gpu => ({
    requestAdapter: async () => {
      if (options.some((option) => option.startsWith('adapter=no ')))
        throw new Error("no suitable backends found\nAvailable adapters:\n * backend: 'vulkan', name: 'Card 7'");
      return adapter as GpuAdapter | null;
    },
  });
}

const info = (device: string) => ({ vendor: 'acme', architecture: '', device, description: device });

describe('an adapter', () => {
  test('that is not there: what to install', async () => {
    await expect(openAdapterDevice(packageWith(null))).rejects.toMatchObject({ code: 'webgpu.no-adapter' });
  });

  test('with the wrong name: which there are', async () => {
    await expect(openAdapterDevice(packageWith(null), 'Card 8')).rejects.toMatchObject({
      code: 'webgpu.unknown-adapter',
      message: expect.stringContaining('Card 7'),
    });
  });

  test('that computes nothing is refused', async () => {
    const adapter = { info: info('null-backend'), limits: LIMITS };
    await expect(openAdapterDevice(packageWith(adapter))).rejects.toMatchObject({ code: 'webgpu.null-adapter' });
  });

  test('with small limits: which one, and how much is needed', async () => {
    const adapter = { info: info('Card 7'), limits: { ...LIMITS, maxComputeInvocationsPerWorkgroup: 128 } };
    await expect(openAdapterDevice(packageWith(adapter))).rejects.toMatchObject({
      code: 'webgpu.limits',
      message: expect.stringContaining('maxComputeInvocationsPerWorkgroup = 128'),
    });
  });

  test('that refuses to open: why', async () => {
    const requestDevice = () => Promise.reject(new Error('device is busy'));
    const adapter = { info: info('Card 7'), limits: LIMITS, requestDevice };
    await expect(openAdapterDevice(packageWith(adapter))).rejects.toMatchObject({
      code: 'webgpu.failed',
      message: expect.stringContaining('device is busy'),
    });
  });
});

describe('memory', () => {
  test('that the device does not have is said, with how much was asked for', async () => {
    const device = {
      createBuffer: () => ({ destroy: () => undefined }),
      pushErrorScope: () => undefined,
      popErrorScope: async () => ({ message: 'Allocation failed' }),
    } as unknown as GpuDevice;
    const opened = { device, name: 'Card 7', lost: () => undefined, checked: async () => Promise.reject(new Error()) };
    const map = mapMemory(5000, 4096, LIMITS);
    await expect(GpuMemory.allocate(opened, map, new Uint32Array(64))).rejects.toMatchObject({
      code: 'webgpu.memory',
      message: expect.stringContaining('Allocation failed'),
    });
  });

  test('is cut into buffers that the device can bind; more is refused', () => {
    expect(largestArena(LIMITS)).toBe(2 ** 27);
    expect(mapMemory(10_000, 4096, LIMITS).arenaBytes).toEqual([4096, 4096, 2048]);
    expect(() => mapMemory(4096 * 8 + 4, 4096, LIMITS)).toThrow(expect.objectContaining({ code: 'backend.memory' }));
  });

  test('the parts of a tensor cover it once, in order', () => {
    const map = mapMemory(20_000, 4096, LIMITS);
    for (const [address, words] of [
      [0, 1024],
      [4092, 2],
      [4092, 1],
      [100, 4000],
      [8192, 0],
    ] as const) {
      const segments = segmentsOf(map, address, words);
      expect(segments.reduce((sum, segment) => sum + segment.words, 0)).toBe(words);
      for (const { arena, offset, from, words: length } of segments) {
        expect(4 * (arena * map.arenaWords + offset)).toBe(address + 4 * from);
        expect(offset + length).toBeLessThanOrEqual(map.arenaWords);
      }
      expect(map.placeOf(address, words).place === 'spanning').toBe(segments.length > 1);
    }
  });
});
