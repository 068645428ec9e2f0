import { isDeepStrictEqual } from 'node:util';
import { fail } from '../../errors/index.js';

type Config = Readonly<Record<string, unknown>>;

/**
 * The options of a Keras 3 `Bidirectional` as tfjs takes them. Keras writes both directions; tfjs makes the backward one
 * itself, as the mirror image of the forward one, and puts `forward_` in front of the name once more.
 *
 * @throws frontend.keras-dialect if the directions differ in more than their direction
 */
export function oneDirection<Options extends Config>(name: string, options: Options): Options {
  const { backward_layer: backward, ...rest } = options;
  const forward = rest['layer'];
  if (!isLayer(forward)) return options;
  if (isLayer(backward) && !isMirror(forward, backward)) {
    const reason = 'its backward layer is no mirror image of its forward layer, and tfjs makes it one';
    throw fail('frontend.keras-dialect', { layer: name, reason });
  }
  const own = String(forward.config['name'] ?? '').replace(/^forward_/, '');
  return { ...rest, layer: { ...forward, config: { ...forward.config, name: own } } } as unknown as Options;
}

function isLayer(value: unknown): value is { readonly class_name: unknown; readonly config: Config } {
  return typeof value === 'object' && value !== null && 'config' in value && typeof value.config === 'object';
}

function isMirror(forward: { class_name: unknown; config: Config }, backward: typeof forward): boolean {
  const { name: _forwardName, go_backwards: direction, ...options } = forward.config;
  const { name: _backwardName, go_backwards: opposite, ...others } = backward.config;
  const opposed = Boolean(direction) !== Boolean(opposite);
  return forward.class_name === backward.class_name && opposed && isDeepStrictEqual(options, others);
}
