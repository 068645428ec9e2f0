/** What all shaders share: the arenas, the record of a call, the step, and how tensors are read and written. */
import type { MemoryMap, Place } from '../memory-map.js';
import { type ArithmeticMode, arithmeticFunctions, literal } from './arithmetic.js';
import { neededFunctions } from './prune.js';

/** Words of a record before the tensors' places: the zero and the sign that no compiler knows; two are free. */
export const RECORD_HEADER_WORDS = 4;

/** The word of arena 0 that holds the training step. */
export const STEP_WORD = 0;

export interface Frame {
  readonly mode: ArithmeticMode;
  readonly map: MemoryMap;
}

/** Words of the record of a call on so many tensors. */
export function recordWords(tensors: number): number {
  return RECORD_HEADER_WORDS + 4 * Math.ceil(Math.max(tensors, 1) / 4);
}

/** A whole shader around its own code, for calls of so many tensors. Binding k is arena k; the record comes last. */
export function shaderCode({ mode, map }: Frame, tensors: number, own: string): string {
  const arenas = map.arenaBytes.map(
    (_, at) => `@group(0) @binding(${at}) var<storage, read_write> arena${at}: array<u32>;`,
  );
  const vectors = (recordWords(tensors) - RECORD_HEADER_WORDS) / 4;
  return `
${arenas.join('\n')}
struct Call { zero: u32, sign: u32, first: u32, second: u32, at: array<vec4<u32>, ${vectors}> }
@group(0) @binding(${arenas.length}) var<uniform> call: Call;
${neededFunctions(arithmeticFunctions(mode) + spanningCode(map), own)}
${own}`;
}

/** Reads and writes by word number over all arenas. */
function spanningCode({ arenaBytes, arenaWords }: MemoryMap): string {
  const cases = (code: (arena: number) => string): string =>
    arenaBytes.map((_, at) => `case ${at}u: { ${code(at)} }`).join('\n    ');
  const size = literal(arenaWords);
  return `
fn read_spanning(word: u32) -> u32 {
  let offset = word % ${size};
  switch (word / ${size}) {
    ${cases((at) => `return arena${at}[offset];`)}
    default: { return 0u; }
  }
}
fn write_spanning(word: u32, value: u32) {
  let offset = word % ${size};
  switch (word / ${size}) {
    ${cases((at) => `arena${at}[offset] = value;`)}
    default: {}
  }
}
`;
}

/** The place of tensor `position` of a call, as an expression. */
export function baseCode(position: number): string {
  return `call.at[${position >> 2}][${position & 3}]`;
}

export function readCode(place: Place, word: string): string {
  return place === 'spanning' ? `read_spanning(${word})` : `arena${place}[${word}]`;
}

export function writeCode(place: Place, word: string, value: string): string {
  return place === 'spanning' ? `write_spanning(${word}, ${value});` : `arena${place}[${word}] = ${value};`;
}

/** A function that reads an operand of `words` words: 0 outside of it. */
export function guardedReadFunction(name: string, position: number, place: Place, words: number): string {
  return `
fn ${name}(at: u32) -> u32 {
  if (at < ${literal(words)}) { return ${readCode(place, `${baseCode(position)} + at`)}; }
  return 0u;
}
`;
}
