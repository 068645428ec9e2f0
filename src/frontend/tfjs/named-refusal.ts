import { fail, isGensynError } from '../../errors/index.js';
import { tf, tfl } from './load-tfjs.js';

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

/**
 * The error of a layer that tfjs refuses to build or to run: with the layer's name, and tfjs's own words, which say
 * which shapes or options do not fit.
 */
export function layerRefusal(layer: string, className: string, cause: unknown, shapes = ''): Error {
  const named = namedRefusal(cause);
  if (!isGensynError(named, 'frontend.model-invalid') || isGensynError(cause)) return named;
  const words = cause instanceof Error ? cause.message : String(cause);
  return fail('frontend.layer-invalid', { layer, className, reason: `${words}${shapes}` }, { cause });
}
