/** Seeds: every input of every target has a number stream of its own, so that one input can be made again alone. */
import { createRandom, type Random } from '../../test/referee/random-operators.js';

/** The random numbers of one input. */
export function inputRandom(seed: number, target: string, input: number): Random {
  return createRandom(fnv1a(`${seed}/${target}/${input}`));
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
