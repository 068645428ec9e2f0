/** Mesa's software driver keeps subnormal numbers: its floats are used as they are. */
import { testDriver } from './support/driver-tests.js';

testDriver('lavapipe', ['native', 'guarded', 'integer']);
