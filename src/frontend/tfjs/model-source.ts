import { fail } from '../../errors/index.js';
import type { CustomTraining } from './custom-training.js';
import { fromKeras3 } from './keras-dialect.js';
import { type LayersModel, tf, tfl } from './load-tfjs.js';
import { loadModule } from './module-source.js';
import { namedRefusal } from './named-refusal.js';
import type { ModelSource, RecordingSpec } from './specification.js';

/**
 * Builds what is trained inside of the recording backend, so that its weights become initial-value expressions: a model,
 * or what a module returns in its place.
 */
export async function buildTraining(spec: RecordingSpec): Promise<LayersModel | CustomTraining> {
  const { model: source } = spec;
  const built = source.kind === 'module' ? await loadModule(source.url, spec) : await modelOfTopology(source);
  if (built instanceof tfl.LayersModel) {
    if (built.inputs === undefined || built.inputs.length === 0) {
      throw fail('frontend.model-invalid', { reason: 'its first layer has no input shape.' });
    }
    refuseStatefulLayers(built as unknown as NestedLayer);
  }
  return built;
}

async function modelOfTopology(source: ModelSource & { kind: 'topology' }): Promise<LayersModel> {
  const topology = fromKeras3(topologyOf(source.json));
  try {
    return await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology: topology }));
  } catch (cause) {
    throw namedRefusal(cause);
  }
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

interface NestedLayer {
  readonly name: string;
  readonly stateful?: boolean;
  /** What wrappers and models hold. */
  readonly layer?: NestedLayer;
  readonly layers?: readonly NestedLayer[];
}

/** The state of such a layer is no variable: a step that hangs on it could not be replayed alone. */
function refuseStatefulLayers(model: NestedLayer): void {
  for (const layer of [...(model.layers ?? []), ...(model.layer === undefined ? [] : [model.layer])]) {
    refuseStatefulLayers(layer);
    if (layer.stateful === true) {
      throw fail('frontend.hidden-state', { layer: layer.name, value: 'its recurrent state (stateful)' });
    }
  }
}
