/**
 * BLAKE3 on the device: one invocation hashes a chunk of 1 KiB, then one invocation each pair of neighbours, level by
 * level. A single node at the end of a level moves up as it is, which gives BLAKE3's tree.
 *
 * Source: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020.
 */
import {
  BLAKE3_FLAGS,
  BLAKE3_IV,
  BLAKE3_QUARTERS,
  BLAKE3_SCHEDULE,
  BLOCK_BYTES,
  CHUNK_BYTES,
} from '../../../wasm/blake3-tables.js';
import type { Place } from '../memory-map.js';
import { literal } from './arithmetic.js';
import { baseCode, type Frame, readCode, shaderCode, writeCode } from './frame.js';

export const HASH_GROUP_SIZE = 64;
/** Words of a chaining value. */
export const HASH_WORDS = 8;
export const CHUNK_WORDS = CHUNK_BYTES / 4;

/** Places of the tensors of a hash kernel's call: the target and the source. */
export interface HashPlaces {
  readonly target: Place;
  readonly source: Place;
}

/**
 * The chaining values of all chunks. `call.first` is the message's length in words, `call.second` the number of chunks;
 * the root flag is set where there is one chunk.
 */
export function chunkHashKernel(frame: Frame, { target, source }: HashPlaces): string {
  return hashShader(
    frame,
    `fn chunk_word(at: u32) -> u32 {
  if (at < call.first) { return ${readCode(source, `${baseCode(1)} + at`)}; }
  return 0u;
}
${entry}
  let words = min(call.first - number * ${literal(CHUNK_WORDS)}, ${literal(CHUNK_WORDS)});
  let blocks = max(1u, (words + 15u) / 16u);
  for (var block = 0u; block < blocks; block++) {
    for (var at = 0u; at < 16u; at++) { message[at] = chunk_word(number * ${literal(CHUNK_WORDS)} + block * 16u + at); }
    var flags = select(0u, ${literal(BLAKE3_FLAGS.chunkStart)}, block == 0u);
    if (block == blocks - 1u) {
      flags |= ${literal(BLAKE3_FLAGS.chunkEnd)} | select(0u, ${literal(BLAKE3_FLAGS.root)}, call.second == 1u);
    }
    compress(number, min(words - block * 16u, 16u) * 4u, flags);
  }
  ${storeCode(target)}
}
`,
  );
}

/** One level of the tree. `call.first` is the number of nodes below; `call.second` of those above. */
export function parentHashKernel(frame: Frame, { target, source }: HashPlaces): string {
  const child = (at: string): string => readCode(source, `${baseCode(1)} + number * 16u + ${at}`);
  return hashShader(
    frame,
    `${entry}
  if (number * 2u + 1u == call.first) {
    for (var at = 0u; at < 8u; at++) { chaining[at] = ${child('at')}; }
  } else {
    for (var at = 0u; at < 16u; at++) { message[at] = ${child('at')}; }
    compress(0u, ${literal(BLOCK_BYTES)}, ${literal(BLAKE3_FLAGS.parent)} | select(0u, ${literal(BLAKE3_FLAGS.root)}, call.second == 1u));
  }
  ${storeCode(target)}
}
`,
  );
}

const entry = `
@compute @workgroup_size(${HASH_GROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let number = id.x + id.y * groups.x * ${literal(HASH_GROUP_SIZE)};
  if (number >= call.second) { return; }
  ${BLAKE3_IV.map((word, at) => `chaining[${at}] = ${literal(word)};`).join(' ')}`;

function storeCode(target: Place): string {
  const write = writeCode(target, `${baseCode(0)} + number * ${literal(HASH_WORDS)} + at`, 'chaining[at]');
  return `for (var at = 0u; at < ${literal(HASH_WORDS)}; at++) { ${write} }`;
}

function hashShader(frame: Frame, kernel: string): string {
  const own = `var<private> chaining: array<u32, 8>;
var<private> message: array<u32, 16>;

fn rotate_right(value: u32, count: u32) -> u32 { return (value >> count) | (value << (32u - count)); }

// A message has at most 2^32 words, so the high half of the counter is 0.
fn compress(counter: u32, length: u32, flags: u32) {
  ${compressCode()}
}
${kernel}`;
  return shaderCode({ ...frame, mode: 'integer' }, 2, own);
}

function compressCode(): string {
  const lines = Array.from({ length: 8 }, (_, at) => `var v${at} = chaining[${at}];`);
  for (let at = 0; at < 4; at++) lines.push(`var v${8 + at} = ${literal(BLAKE3_IV[at]!)};`);
  lines.push('var v12 = counter;', 'var v13 = 0u;', 'var v14 = length;', 'var v15 = flags;');
  for (const order of BLAKE3_SCHEDULE) {
    BLAKE3_QUARTERS.forEach(([a, b, c, d], quarter) => {
      const mix = (place: number, first: number, second: number): string =>
        `v${a} = v${a} + v${b} + message[${order[place]}]; v${d} = rotate_right(v${d} ^ v${a}, ${first}u); ` +
        `v${c} = v${c} + v${d}; v${b} = rotate_right(v${b} ^ v${c}, ${second}u);`;
      lines.push(mix(2 * quarter, 16, 12), mix(2 * quarter + 1, 8, 7));
    });
  }
  for (let at = 0; at < 8; at++) lines.push(`chaining[${at}] = v${at} ^ v${at + 8};`);
  return lines.join('\n  ');
}
