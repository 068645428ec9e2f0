/** SwiftShader makes subnormal numbers zero: integers are used where that matters. */
import { expect, test } from '@jest/globals';
import { testDriver } from './support/driver-tests.js';
import { DRIVERS, runCheck, runCheckWithin, TEST_MILLISECONDS } from './support/drivers.js';

testDriver('swiftshader', ['guarded', 'integer']);

const driver = DRIVERS.find(({ name }) => name === 'swiftshader');

(driver === undefined ? test.skip : test)(
  'on swiftshader, the long probe finds that subnormal numbers are not kept',
  async () => {
    const { reason } = (await runCheck(driver!, 'examine', 'native')) as { reason: string };
    expect(reason).toMatch(/, element \d+: 0x[0-9a-f]{8} instead of 0x[08]0[0-7]/);
  },
  TEST_MILLISECONDS,
);

(driver === undefined ? test.skip : test)(
  'on swiftshader, a program larger than the memory that is left is refused, with its size and the driver’s reason',
  async () => {
    const found = (await runCheckWithin(driver!, 6e9, 'memory', String(2 ** 33))) as { code: string; message: string };
    expect(found.code).toBe('webgpu.memory');
    expect(found.message).toMatch(/SwiftShader.* could not allocate the 8\d{9} bytes .*OUT_OF_(DEVICE|HOST)_MEMORY/);
  },
  TEST_MILLISECONDS,
);
