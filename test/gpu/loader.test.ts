/** What is said where Vulkan's loader or a driver is missing; where the drivers are set up, also by the real loader. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { explainMissingAdapter, type VulkanSystem } from '../../src/backends/webgpu/missing-adapter.js';
import { DRIVERS, runCheck, TEST_MILLISECONDS } from './support/drivers.js';

/** A Linux system with the loader and without drivers. */
const SYSTEM: VulkanSystem = {
  platform: 'linux',
  environment: { HOME: '/home/ada' },
  loadFailure: () => undefined,
  filesIn: () => [],
};

describe('where there is no adapter, the reason', () => {
  test('is the loader, where it does not load', () => {
    const loadFailure = (library: string) => `${library}: cannot open shared object file`;
    expect(explainMissingAdapter({ ...SYSTEM, loadFailure })).toMatch(
      /loader does not load \(libvulkan\.so\.1: cannot/,
    );
  });

  test('is that there is no driver, with the folders that were looked at', () => {
    const reason = explainMissingAdapter(SYSTEM);
    expect(reason).toContain('no driver in');
    for (const folder of ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/home/ada/.local/share/vulkan/icd.d']) {
      expect(reason).toContain(folder);
    }
  });

  test('is that no driver is good enough, with their names', () => {
    const filesIn = (folder: string) => (folder === '/usr/share/vulkan/icd.d' ? ['old_icd.json', 'notes.txt'] : []);
    const reason = explainMissingAdapter({ ...SYSTEM, filesIn });
    expect(reason).toContain('/usr/share/vulkan/icd.d/old_icd.json');
    expect(reason).not.toContain('notes.txt');
  });

  test('names the variable that chose the drivers', () => {
    const environment = { ...SYSTEM.environment, VK_ICD_FILENAMES: '/opt/card.json' };
    expect(explainMissingAdapter({ ...SYSTEM, environment })).toContain('VK_ICD_FILENAMES=/opt/card.json');
  });

  test('is not guessed on systems without Vulkan', () => {
    expect(explainMissingAdapter({ ...SYSTEM, platform: 'darwin' })).toBe('');
  });
});

const [driver] = DRIVERS;

describe(`the Vulkan loader${driver === undefined ? ': not set up (npm run test:gpu)' : ''}`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gensyn-vulkan-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What opening a GPU gives where the loader knows only this driver. */
  const openWith = (file: string) => {
    const environment = { ...driver!.environment, VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file };
    return runCheck({ name: driver!.name, environment }, 'open');
  };

  const on = driver === undefined ? test.skip : test;

  on(
    'without any driver: no adapter, and where drivers were expected',
    async () => {
      const file = join(folder, 'missing.json');
      expect(await openWith(file)).toMatchObject({
        code: 'webgpu.no-adapter',
        message: expect.stringContaining(`VK_DRIVER_FILES=${file}`),
        hint: expect.stringContaining('driver for your card'),
      });
    },
    TEST_MILLISECONDS,
  );

  on(
    'with a library that is no driver: no adapter, and which one was tried',
    async () => {
      const file = join(folder, 'broken.json');
      const library = join(folder, 'driver.so');
      writeFileSync(library, 'no library');
      const description = { file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.1.0' } };
      writeFileSync(file, JSON.stringify(description));
      expect(await openWith(file)).toMatchObject({
        code: 'webgpu.no-adapter',
        message: expect.stringContaining(`VK_DRIVER_FILES=${file}`),
      });
    },
    TEST_MILLISECONDS,
  );
});
