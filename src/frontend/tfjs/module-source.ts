import { fail } from '../../errors/index.js';
import { type CustomTraining, customTraining } from './custom-training.js';
import { type LayersModel, tf, tfl } from './load-tfjs.js';
import type { RecordingSpec } from './specification.js';

/** What the function of a module is given. */
export interface ModuleTools {
  readonly tf: typeof tf;
  readonly tfl: typeof tfl;
  readonly layers: typeof tfl.layers;
  readonly seed: number;
  readonly batchSize: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  /** The number of classes; null where labels are values. */
  readonly classes: number | null;
}

/**
 * Runs the function that a module exports by default. It is code of the client, run on the client's own machine.
 *
 * @throws frontend.module-invalid
 */
export async function loadModule(url: string, spec: RecordingSpec): Promise<LayersModel | CustomTraining> {
  const module = (await import(url)) as { default?: unknown };
  if (typeof module.default !== 'function') {
    throw fail('frontend.module-invalid', { reason: 'its default export is not a function' });
  }
  const { seed = 0, batchSize, inputShape, labels } = spec;
  const classes = labels.kind === 'class' ? labels.classes : null;
  const tools: ModuleTools = { tf, tfl, layers: tfl.layers, seed, batchSize, inputShape, classes };
  const built: unknown = await (module.default as (tools: ModuleTools) => unknown)(tools);
  if (built instanceof tfl.LayersModel) return built;
  if (typeof built === 'object' && built !== null && ('step' in built || 'variables' in built)) {
    return customTraining(built);
  }
  const reason = 'its function returns neither a tfjs-layers model nor { variables, step }';
  throw fail('frontend.module-invalid', { reason });
}
