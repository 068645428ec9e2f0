import { fail } from '../../errors/index.js';
import { oneDirection } from './keras-bidirectional.js';

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
type JsonObject = { readonly [key: string]: Json };

/** Options of Keras 3 that tfjs does not know, with the one value under which leaving them out changes nothing. */
const HARMLESS_VALUES: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['groups', 1],
  ['rms_scaling', false],
  ['zero_output_for_mask', false],
  ['synchronized', false],
  ['renorm', false],
  ['ragged', false],
  ['sparse', false],
  ['optional', false],
  ['input_axes', null],
  ['output_axes', null],
  ['keepdims', false],
  ['lora_rank', null],
  ['quantization_config', null],
  ['activity_regularizer', null],
  ['autocast', true],
  ['value_range', null],
  ['use_cudnn', 'auto'],
  ['time_major', false],
  ['data_format', 'channels_last'],
  ['dynamic', false],
  ['threshold', 0],
  ['negative_slope', 0],
  ['dilation_rate', 1],
]);

/**
 * True for an option of Keras that a layer of tfjs does not have, with a value under which that changes nothing.
 *
 * @param option - in either spelling, `timeMajor` or `time_major`
 */
export function isHarmless(option: string, value: unknown): boolean {
  const name = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const harmless = HARMLESS_VALUES.get(name);
  // The job's seed decides all draws.
  if (name === 'seed') return true;
  if (harmless === undefined) return false;
  return [value].flat().every((each) => each === harmless || each === CAMEL_CASE_VALUES.get(String(harmless)));
}

/** tfjs rewrites some values of Keras before its layers see them. */
const CAMEL_CASE_VALUES: ReadonlyMap<string, string> = new Map([['channels_last', 'channelsLast']]);

/** Options that some layers of tfjs do have, which are therefore left to the layer. */
const KEPT = ['data_format', 'activity_regularizer', 'negative_slope', 'dilation_rate'];
const DROPPED = new Set([...HARMLESS_VALUES.keys()].filter((key) => !KEPT.includes(key)));

/** Activations of Keras 3 under their tfjs names; null where tfjs has none or means something else by the name. */
const ACTIVATIONS: ReadonlyMap<string, string | null> = new Map([
  ['silu', 'swish'],
  ['log_softmax', 'logSoftmax'],
  // Keras 3 computes relu6(x + 3) / 6, tfjs clip(0.2 x + 0.5).
  ['hard_sigmoid', null],
  ['leaky_relu', null],
]);

const NESTED_LAYERS = new Set(['layer', 'cell']);
const DEEPEST_NESTING = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The topology in the Keras 2 form that tfjs-layers reads. Keras 3 files are translated; in others only the
 * regularisers `L1` and `L2` are, which tfjs knows as `L1L2`.
 *
 * @throws frontend.keras-dialect for what tfjs would silently ignore or mean otherwise
 */
export function fromKeras3(topology: object): object {
  const model = checkedJson(topology, 0) as JsonObject;
  return (isKeras3(model) ? translateLayer(model) : translateRegularizers(model)) as object;
}

function isKeras3(model: JsonObject): boolean {
  return 'module' in model || 'registered_name' in model || JSON.stringify(model).includes('"batch_shape"');
}

/** A file of others: no deep nesting, no keys that reach a prototype. */
function checkedJson(value: unknown, depth: number): Json {
  if (depth > DEEPEST_NESTING) {
    throw fail('frontend.model-invalid', { reason: `its topology is nested deeper than ${DEEPEST_NESTING} levels.` });
  }
  if (typeof value !== 'object' || value === null) {
    return value as Json;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) {
      throw fail('frontend.model-invalid', { reason: `its topology has the key '${key}'.` });
    }
    checkedJson(inner, depth + 1);
  }
  return value as Json;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function translateRegularizers(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(translateRegularizers);
  }
  if (!isObject(value)) {
    return value;
  }
  return regularizer(value) ?? mapValues(value, translateRegularizers);
}

function regularizer({ class_name: name, config }: JsonObject): JsonObject | undefined {
  if ((name !== 'L1' && name !== 'L2') || !isObject(config)) {
    return undefined;
  }
  return { class_name: 'L1L2', config: { l1: config['l1'] ?? 0, l2: config['l2'] ?? 0 } };
}

function mapValues(object: JsonObject, map: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** A layer or model: `{ class_name, config }` with what else Keras 3 writes beside them left out. */
function translateLayer(value: Json): JsonObject {
  if (!isObject(value) || !isObject(value['config'])) {
    throw fail('frontend.model-invalid', { reason: 'a layer of its topology is not an object with a config.' });
  }
  const className = String(value['class_name']);
  const config = value['config'];
  const name = String(config['name'] ?? className);
  switch (className) {
    case 'Sequential':
      return { class_name: className, config: { name, layers: listOf(config['layers']).map(translateLayer) } };
    case 'Functional':
    case 'Model':
      return { class_name: 'Functional', config: functionalConfig(name, config) };
    default:
      return { class_name: className, config: layerConfig(className, name, config) };
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function functionalConfig(name: string, config: JsonObject): JsonObject {
  const layers = listOf(config['layers']).map((entry): JsonObject => {
    const layer = translateLayer(entry);
    const { name: outerName, inbound_nodes: nodes } = entry as JsonObject;
    const layerName = String(outerName ?? (layer['config'] as JsonObject)['name']);
    return { ...layer, name: layerName, inbound_nodes: listOf(nodes).map((node) => translateNode(node, layerName)) };
  });
  return {
    name,
    layers,
    input_layers: listOfNodes(config['input_layers']),
    output_layers: listOfNodes(config['output_layers']),
  };
}

/** Keras 3 writes a single `['x', 0, 0]` without the outer list. */
function listOfNodes(value: Json | undefined): Json {
  return Array.isArray(value) && typeof value[0] === 'string' ? [value] : (value ?? []);
}

/** `{ args: [tensors], kwargs }` → `[[layer, node, tensor, {}], …]`. */
function translateNode(node: Json, layer: string): Json {
  if (!isObject(node)) {
    return node;
  }
  const given = Object.entries(isObject(node['kwargs']) ? node['kwargs'] : {});
  const meant = given.filter(([key, value]) => value !== null && key !== 'training').map(([key]) => key);
  if (meant.length > 0) {
    throw fail('frontend.keras-dialect', { layer, reason: `it is called with ${meant.join(', ')}` });
  }
  const tensors = (listOf(node['args']) as Json[]).flat(DEEPEST_NESTING as 1).filter((argument) => argument !== null);
  return tensors.map((argument): Json => {
    const config = isObject(argument) && argument['class_name'] === '__keras_tensor__' ? argument['config'] : undefined;
    if (!isObject(config)) {
      const reason = `it is called with ${JSON.stringify(argument)}, which is not a tensor`;
      throw fail('frontend.keras-dialect', { layer, reason });
    }
    return [...listOf(config['keras_history']), {}];
  });
}

function layerConfig(className: string, layer: string, config: JsonObject): JsonObject {
  const translated: Record<string, Json> = {};
  const options = className === 'Bidirectional' ? oneDirection(layer, config) : config;
  for (const [key, value] of Object.entries(options)) {
    const entry = translateOption(className, layer, key, value);
    if (entry !== undefined) {
      translated[entry[0]] = entry[1];
    }
  }
  return translated;
}

function translateOption(className: string, layer: string, key: string, value: Json): [string, Json] | undefined {
  if (DROPPED.has(key)) {
    if (value !== HARMLESS_VALUES.get(key)) {
      throw fail('frontend.keras-dialect', { layer, reason: `tfjs has no option ${key} = ${JSON.stringify(value)}` });
    }
    return undefined;
  }
  if (key === 'negative_slope') {
    return translateSlope(className, layer, value);
  }
  if (key.endsWith('activation') && typeof value === 'string') {
    return [key, translateActivation(layer, value)];
  }
  if (NESTED_LAYERS.has(key)) {
    return value === null ? undefined : [key, translateLayer(value)];
  }
  return [key === 'batch_shape' ? 'batch_input_shape' : key, translatePlain(layer, value)];
}

/** LeakyReLU calls it alpha in tfjs, which would otherwise take 0.3; ReLU has no slope. */
function translateSlope(className: string, layer: string, value: Json): [string, Json] | undefined {
  if (className === 'LeakyReLU') {
    return ['alpha', value];
  }
  if (value !== 0) {
    throw fail('frontend.keras-dialect', { layer, reason: `tfjs's ${className} has no negative_slope` });
  }
  return undefined;
}

function translateActivation(layer: string, name: string): string {
  const translated = ACTIVATIONS.get(name);
  if (translated === null) {
    throw fail('frontend.keras-dialect', { layer, reason: `tfjs has no activation like Keras's '${name}'` });
  }
  return translated ?? name;
}

/** Values inside of a layer's config: initialisers and regularisers lose their module, dtype policies become a name. */
function translatePlain(layer: string, value: Json): Json {
  if (Array.isArray(value)) {
    return value.map((element) => translatePlain(layer, element));
  }
  if (!isObject(value)) {
    return value;
  }
  const { class_name: className, config } = value;
  if (className === 'DTypePolicy') {
    const policy = isObject(config) ? config['name'] : config;
    if (policy !== 'float32') {
      throw fail('frontend.keras-dialect', { layer, reason: `its dtype policy is ${JSON.stringify(policy)}` });
    }
    return 'float32';
  }
  if (className !== undefined && isObject(config)) {
    const inner = mapValues(config, (entry) => translatePlain(layer, entry));
    return regularizer(value) ?? { class_name: className, config: inner };
  }
  return mapValues(value, (entry) => translatePlain(layer, entry));
}
