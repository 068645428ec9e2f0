import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { LAYER_DOCS_PATH, layersOfTfjs, layersTested, NOT_TRAINED, withLayerTable } from '../../scripts/layer-docs.js';

test('docs/layers.md lists what is tested', () => {
  const document = readFileSync(LAYER_DOCS_PATH, 'utf8');
  expect(document).toBe(withLayerTable(document));
});

test('every layer of tfjs is trained in a test, or the document says why not', () => {
  const listed = [...layersTested(), ...Object.keys(NOT_TRAINED)].sort();
  expect(listed).toEqual(layersOfTfjs());
});
