/** The table of docs/layers.md, made from the cases that test/frontend/layers.test.ts trains. */
import { tf, tfl } from '../src/frontend/tfjs/load-tfjs.js';
import type { LayerCase } from '../test/frontend/layer-cases/layer-case.js';
import { LAYER_FAMILIES } from '../test/frontend/layer-cases/layer-cases.js';

export const LAYER_DOCS_PATH = 'docs/layers.md';

const BEGIN = '<!-- Made from test/frontend/layer-cases by scripts/layer-table.ts; do not edit below. -->';
const END = '<!-- End of what is made. -->';

/** The distance to tfjs that a case allows unless it says otherwise; see test/frontend/layers.test.ts. */
export const LAYER_TOLERANCE = 2e-5;

/** Layers of tfjs that no case trains, and why. */
export const NOT_TRAINED: Readonly<Record<string, string>> = {
  CategoryEncoding: 'reads values on the host; let the data hold the categories one-hot or use an Embedding',
  CenterCrop: 'its kernel CropAndResize cannot be recorded; use Cropping2D',
  RandomWidth: 'reads values on the host, and its output has no fixed shape',
  Resizing: 'fails in tfjs itself; use UpSampling2D, or resize the data',
};

/** Classes that are parts of other layers, or no layer at all. */
const PARTS = [
  'InputLayer',
  'Model',
  'Functional',
  'Sequential',
  'SimpleRNNCell',
  'GRUCell',
  'LSTMCell',
  'StackedRNNCells',
  'ConvLSTM2DCell',
];

/** Every layer of tfjs that a model can name, by class. */
export function layersOfTfjs(): string[] {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  return Object.entries(classes)
    .filter(
      ([name, [registered]]) => (registered.prototype as unknown) instanceof tfl.layers.Layer && !PARTS.includes(name),
    )
    .map(([name]) => name)
    .sort();
}

/** The layers that some case trains. */
export function layersTested(): Set<string> {
  return new Set(Object.values(LAYER_FAMILIES).flatMap((cases) => cases.map(({ layer }) => layer)));
}

/** The document with its table made anew; the text around the table stays. */
export function withLayerTable(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${LAYER_DOCS_PATH} lacks the lines around its table`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${tables()}\n${document.slice(end)}`;
}

function tables(): string {
  const families = Object.entries(LAYER_FAMILIES).map(([family, cases]) => familyTable(family, cases));
  return [...families, notTrained()].join('\n');
}

function familyTable(family: string, cases: readonly LayerCase[]): string {
  const rows = [...new Set(cases.map(({ layer }) => layer))].map((layer) =>
    layerRow(
      layer,
      cases.filter((each) => each.layer === layer),
    ),
  );
  const head = [
    '| layer | forward | gradient | tested with | within | remarks |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return [`### ${family}`, '', ...head, ...rows, ''].join('\n');
}

function layerRow(layer: string, cases: readonly LayerCase[]): string {
  const options = cases.map((each) => each.options || 'defaults').join('; ');
  const gradient = gradientOf(cases);
  const within = Math.max(...cases.map(({ tolerance }) => tolerance ?? LAYER_TOLERANCE));
  const remarks = [...new Set(cases.flatMap(({ remark }) => remark ?? []))].join('; ');
  return `| ${layer} | yes | ${gradient} | ${options} | ${within.toExponential()} | ${remarks} |`;
}

function gradientOf(cases: readonly LayerCase[]): string {
  if (cases.every(({ first }) => first)) return 'none asked for';
  return cases.some(({ ownGradient }) => ownGradient) ? 'yes, tfjs has none' : 'yes';
}

function notTrained(): string {
  const rows = Object.entries(NOT_TRAINED).map(([layer, reason]) => `| ${layer} | ${reason} |`);
  return ['### Layers of tfjs that cannot be trained', '', '| layer | why |', '| --- | --- |', ...rows, ''].join('\n');
}
