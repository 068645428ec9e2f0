import { setFlagsFromString } from 'node:v8';

/**
 * Compiles a module with V8's optimising compiler, all functions at once.
 *
 * By default V8 starts with its baseline compiler, whose code for these kernels is three times slower, and replaces it
 * function by function while they run.
 */
export function compileOptimised(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  setFlagsFromString('--no-liftoff');
  setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString('--liftoff');
    setFlagsFromString('--wasm-lazy-compilation');
  }
}
