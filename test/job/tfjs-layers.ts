import { createRequire } from 'node:module';

interface LoadedModel {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
  countParams(): number;
}

/** Loads a topology with the real tfjs, on its own cpu backend. */
export async function loadWithTfjs(topology: unknown): Promise<LoadedModel> {
  const require = createRequire(import.meta.url);
  require('@tensorflow/tfjs-backend-cpu');
  return require('@tensorflow/tfjs-layers').models.modelFromJSON(topology);
}
