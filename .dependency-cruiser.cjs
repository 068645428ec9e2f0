/** The layers of the house, from the ground up: a file imports from its own layer and from those below it. */
const LAYERS = [
  ['src/errors', 'contracts/generated'],
  ['src/files'],
  ['src/numerics', 'src/wasm'],
  ['src/commitments'],
  ['src/expr'],
  ['src/referee'],
  ['src/program'],
  ['src/backends'],
  ['src/frontend', 'src/data', 'src/operators'],
  ['src/job'],
  ['src/run'],
  ['src/peers'],
  ['src/verify'],
  ['src/game'],
  ['src/chain'],
  ['commands'],
  ['bin'],
];

const folders = (layers) => `^(${layers.flat().join('|')})/`;

/** One rule for each layer: nothing above it. */
const layerRules = LAYERS.slice(0, -1).map((layer, level) => ({
  name: `${layer[0].replace('src/', '')}-imports-only-downwards`,
  comment: 'Layers point down; move the shared part down, or pass it in as an argument.',
  severity: 'error',
  from: { path: folders([layer]) },
  to: { path: folders(LAYERS.slice(level + 1)) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-commands-know-the-terminal',
      comment: 'The product computes; colour, prompts and arguments are of the command line.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^node_modules/(chalk|ora|commander|@inquirer)/' },
    },
    {
      name: 'only-the-recorder-knows-tfjs',
      comment: 'tfjs is a front-end and is never trusted for a bit.',
      severity: 'error',
      from: { pathNot: '^(src/frontend/tfjs|test|bench|scripts)/' },
      to: { path: '^node_modules/@tensorflow/' },
    },
    {
      name: 'the-product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(src|commands|bin)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      from: { path: '^(src|commands|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
