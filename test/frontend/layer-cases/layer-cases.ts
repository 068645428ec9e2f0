/** Every layer that is tested, by family; docs/layers.md is made from this list. */
import { ACTIVATIONS } from './activations.js';
import { CONVOLUTIONS } from './convolutions.js';
import { CORE } from './core.js';
import type { LayerCase } from './layer-case.js';
import { MERGES } from './merges.js';
import { NOISE } from './noise.js';
import { POOLING } from './pooling.js';
import { RECURRENT } from './recurrent.js';
import { SHAPES } from './shapes.js';

export const LAYER_FAMILIES: Readonly<Record<string, readonly LayerCase[]>> = {
  'Dense and normalisation': CORE,
  Activations: ACTIVATIONS,
  Convolutions: CONVOLUTIONS,
  Pooling: POOLING,
  'Recurrent layers and embeddings': RECURRENT,
  'Noise and dropout': NOISE,
  Merging: MERGES,
  'Shape and size': SHAPES,
};
