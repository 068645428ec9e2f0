import { fail, isGensynError } from '../../errors/index.js';
import { fromKeras3 } from './keras-dialect.js';
import { type LayersModel, tf, tfl } from './load-tfjs.js';
import type { ModelSource, ModelWeights } from './specification.js';

type ModelFunction = (tools: { tf: typeof tf; tfl: typeof tfl; layers: typeof tfl.layers }) => unknown;

/** Builds the model inside of the recording backend, so that its weights become initial-value expressions. */
export async function buildModel(source: ModelSource): Promise<LayersModel> {
  const model = source.kind === 'module' ? await modelOfModule(source.url) : await modelOfTopology(source);
  if (model.inputs === undefined || model.inputs.length === 0) {
    throw fail('frontend.model-invalid', { reason: 'its first layer has no input shape.' });
  }
  refuseStatefulLayers(model);
  return model;
}

async function modelOfModule(url: string): Promise<LayersModel> {
  const module = (await import(url)) as { default?: unknown };
  if (typeof module.default !== 'function') {
    throw fail('frontend.module-invalid', { reason: 'its default export is not a function' });
  }
  const model = await (module.default as ModelFunction)({ tf, tfl, layers: tfl.layers });
  if (!(model instanceof tfl.LayersModel)) {
    throw fail('frontend.module-invalid', { reason: 'its function does not return a tfjs-layers model' });
  }
  return model;
}

async function modelOfTopology(source: ModelSource & { kind: 'topology' }): Promise<LayersModel> {
  const topology = fromKeras3(topologyOf(source.json));
  const artifacts: Parameters<typeof tf.io.fromMemory>[0] = { modelTopology: topology };
  if (source.weights !== undefined) {
    Object.assign(artifacts, weightArtifacts(source.weights));
  }
  try {
    return await tfl.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (cause) {
    throw namedRefusal(cause);
  }
}

function weightArtifacts(weights: ModelWeights): object {
  return { weightSpecs: weights.specs, weightData: weights.data };
}

/** A whole `model.json`, what Keras's `to_json` gives, or the topology alone; without a prior compilation. */
function topologyOf(json: unknown): object {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw fail('frontend.model-invalid', { reason: 'its topology is not a JSON object.' });
  }
  const outer = json as Readonly<Record<string, unknown>>;
  const inner = (outer['modelTopology'] ?? outer) as Readonly<Record<string, unknown>>;
  const topology = inner['model_config'] ?? inner;
  if (typeof topology !== 'object' || topology === null || Array.isArray(topology)) {
    throw fail('frontend.model-invalid', { reason: 'its topology is not a JSON object.' });
  }
  return topology;
}

/** tfjs's "Unknown layer: X. …", with what it does know; anything else of its exceptions with its own words. */
export function namedRefusal(cause: unknown): Error {
  if (isGensynError(cause)) {
    return cause;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, what, name] = /^Unknown (layer|activation): (\S+?)\. /.exec(message) ?? [];
  if (what === 'layer' && name !== undefined) {
    return fail('frontend.unknown-layer', { name, supported: supportedLayers().join(', ') }, { cause });
  }
  if (what === 'activation' && name !== undefined) {
    return fail('frontend.unknown-activation', { name, supported: SUPPORTED_ACTIVATIONS.join(', ') }, { cause });
  }
  return fail('frontend.model-invalid', { reason: message }, { cause });
}

function supportedLayers(): string[] {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  return Object.entries(classes)
    .filter(([, [registered]]) => (registered.prototype as unknown) instanceof tfl.layers.Layer)
    .map(([name]) => name)
    .sort();
}

const SUPPORTED_ACTIVATIONS = [
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
];

function refuseStatefulLayers(model: LayersModel): void {
  for (const layer of model.layers) {
    if ((layer as { stateful?: boolean }).stateful === true) {
      throw fail('frontend.hidden-state', { layer: layer.name, value: 'its recurrent state' });
    }
  }
}
