/** Text of a shader whose entry point is `main`, and how many workgroups it takes. */
export interface KernelCode {
  readonly code: string;
  readonly dispatch: Dispatch;
}

export type Dispatch = readonly [x: number, y: number, z: number];

/** What WebGPU promises for each dimension of a grid. */
export const MAX_GROUPS = 65_535;

/** A grid of at least so many workgroups, in two dimensions where one is too short. */
export function flatDispatch(groups: number): Dispatch {
  const rows = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
