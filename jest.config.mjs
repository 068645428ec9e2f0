/** Tests run against the compiled product: `npm test` builds first. */
export default {
  rootDir: 'dist',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.js'],
  transform: {},
  testTimeout: 120_000,
  // Jest would leave a core free, and many tests wait for processes and threads of their own.
  maxWorkers: '100%',
};
