/** The targets of every group, loaded when they are needed. */
import type { Group, Target } from './target.js';

const LOADERS: Readonly<Record<Group, () => Promise<{ readonly TARGETS: readonly Target[] }>>> = {
  parsers: () => import('./parsers/index.js'),
  program: () => import('./programs.js'),
  operators: () => import('./operators.js'),
  referee: () => import('./referee.js'),
  game: () => import('./games.js'),
  cli: () => import('./cli.js'),
};

/** The targets of a group, or the one of that name. */
export async function targetsOf(group: Group, name?: string): Promise<readonly Target[]> {
  const { TARGETS } = await LOADERS[group]();
  return name === undefined ? TARGETS : TARGETS.filter((target) => target.name === name);
}
