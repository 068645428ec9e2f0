import type { Dispatch } from './wgsl/kernel-code.js';

/** One dispatch. Where a pair is given, it is for steps that begin with the first or the second state buffer. */
export interface GpuCall {
  /** Shader texts. */
  readonly code: readonly [string, string];
  readonly dispatch: Dispatch;
  /** Numbers of records. */
  readonly record: readonly [number, number];
}
