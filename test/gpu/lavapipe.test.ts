/** Mesa's software driver keeps subnormal numbers: its floats are used as they are. */
import { expect, test } from '@jest/globals';
import { testDriver } from './support/driver-tests.js';
import { DRIVERS, runCheck, TEST_MILLISECONDS } from './support/drivers.js';

testDriver('lavapipe', ['native', 'guarded', 'integer']);

const driver = DRIVERS.find(({ name }) => name === 'lavapipe');

(driver === undefined ? test.skip : test)(
  'on lavapipe, a program larger than its buffers together is refused, with both sizes',
  async () => {
    const found = (await runCheck(driver!, 'memory', String(2 ** 33))) as { code: string; message: string };
    expect(found.code).toBe('backend.memory');
    // 16 buffers of 128 MiB.
    expect(found.message).toMatch(/would need 8\d{9} bytes.* at most 2147483648/);
  },
  TEST_MILLISECONDS,
);
