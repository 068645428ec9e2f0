import { fail } from '../../errors/index.js';
import { isHarmless } from './keras-dialect.js';
import { type Layer, tf, tfl } from './load-tfjs.js';
import { layerRefusal } from './named-refusal.js';
import type { Patches } from './patches.js';
import type { RecordingSession } from './recording-session.js';

type Config = Readonly<Record<string, unknown>>;
type FromConfig = (this: unknown, type: unknown, config: Config, ...rest: unknown[]) => Layer;

/** What layers take and do not give back. tfjs itself puts `customObjects` in, and a `cell` into recurrent layers. */
const TAKEN_SILENTLY = new Set([
  'name',
  'trainable',
  'dtype',
  'inputDType',
  'inputShape',
  'batchInputShape',
  'batchSize',
  'updatable',
  'customObjects',
  'cell',
]);

/** Options that a class takes and gives back, but does not carry out, with the value that asks for nothing. */
const WITHOUT_EFFECT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  DepthwiseConv2D: { dilationRate: 1 },
};

/** Options that a class takes and carries out, without giving them back. */
const NOT_GIVEN_BACK: Readonly<Record<string, readonly string[]>> = { SeparableConv2D: ['depthMultiplier'] };

/** Models judge their layers one by one. */
const MODELS = new Set(['Model', 'Functional', 'Sequential']);

/**
 * Refuses options of layers that tfjs-layers would ignore: those in a topology that the layer built from it does not
 * give back in its configuration. A misspelt option, or one of a newer Keras, would train another model.
 */
export function refuseIgnoredOptions(session: RecordingSession, patches: Patches): void {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  for (const [className, entry] of Object.entries(classes)) {
    if (MODELS.has(className) || !((entry[0].prototype as unknown) instanceof tfl.layers.Layer)) continue;
    // An entry is a class and the function that makes one from its configuration.
    patches.replace(entry, '1', (original) => {
      return function (this: unknown, type: unknown, config: Config, ...rest: unknown[]): Layer {
        // tfjs takes some options out of the object while it reads them.
        const given = { ...config };
        try {
          const layer = (original as unknown as FromConfig).call(this, type, config, ...rest);
          checkOptions(session, layer, given);
          return layer;
        } catch (cause) {
          throw layerRefusal(String(given['name'] ?? className), className, cause);
        }
      };
    });
  }
}

function checkOptions(session: RecordingSession, layer: Layer, given: Config): void {
  const className = layer.getClassName();
  const known = [...Object.keys(layer.getConfig()), ...(NOT_GIVEN_BACK[className] ?? [])];
  const refuse = (option: string, value: unknown) => {
    const args = { layer: layer.name, className, option, value: textOf(value), known: known.sort().join(', ') };
    return session.refuse(fail('frontend.layer-option', args));
  };
  for (const [option, value] of Object.entries(given)) {
    const needed = WITHOUT_EFFECT[className]?.[option];
    if (needed !== undefined && [value].flat().some((each) => each !== needed)) throw refuse(option, value);
    if (option === 'activityRegularizer' && value !== null && value !== undefined) throw refuse(option, value);
    const isKnown = known.includes(option) || TAKEN_SILENTLY.has(option);
    if (!isKnown && value !== null && value !== undefined && !isHarmless(option, value)) throw refuse(option, value);
  }
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
