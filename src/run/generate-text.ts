/** Text from a language model, token by token. The same seed gives the same text on every machine. */
import { encodeText } from '../data/text.js';
import { decodeTokens } from '../data/vocabulary.js';
import { fail } from '../errors/index.js';
import { streamKey, threefry2x32 } from '../numerics/threefry.js';
import type { Predictor } from './predictor.js';

/** `text` in ASCII: the stream that tokens are drawn from. */
const SAMPLING_STREAM = 0x74657874;

export interface GenerateParameters {
  readonly predictor: Predictor;
  /** See `Meaning`: the characters of tokens, or `null` for bytes. */
  readonly vocabulary: string | null;
  readonly prompt: string;
  /** How many tokens to add. */
  readonly tokens: number;
  /** 0 takes the likeliest token always; 1 draws with the model's own probabilities. */
  readonly temperature: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onToken?: (done: number) => void;
}

/** The most likely start of anything where nobody gives one: a new line, or the vocabulary's first character. */
export function defaultPrompt(vocabulary: string | null): string {
  return vocabulary === null || vocabulary.includes('\n') ? '\n' : Array.from(vocabulary)[0]!;
}

/**
 * Goes on from a prompt.
 *
 * A model sees a window of L tokens and says at each place what follows. A shorter prompt is padded behind its end, which
 * a model that looks only backwards never sees; the places are those that it was trained at.
 *
 * @returns what was added, without the prompt
 * @throws `predict.prompt`, `predict.not-finite`, `data.text-character`
 */
export async function generateText(parameters: GenerateParameters): Promise<string> {
  const { predictor, vocabulary, prompt, tokens, temperature, seed, signal, onToken } = parameters;
  const { inputSize: length, classes } = predictor;
  const context = tokensOf(prompt, vocabulary);
  if (context.length === 0) throw fail('predict.prompt', {});
  const key = streamKey(seed, SAMPLING_STREAM);
  const added: number[] = [];
  while (added.length < tokens) {
    signal?.throwIfAborted();
    const seen = context.slice(-length);
    const window = [...seen, ...new Array<number>(length - seen.length).fill(0)];
    const answer = await predictor.ask(window, temperature === 0 ? 1 : temperature);
    const probabilities = answer.subarray((seen.length - 1) * classes, seen.length * classes);
    const token = temperature === 0 ? likeliest(probabilities) : draw(probabilities, uniform(key, added.length));
    added.push(token);
    context.push(token);
    onToken?.(added.length);
  }
  return textOf(added, vocabulary);
}

function tokensOf(text: string, vocabulary: string | null): number[] {
  if (vocabulary === null) return Array.from(Buffer.from(text));
  return Array.from(encodeText(text, vocabulary, 'the prompt').tokens);
}

function textOf(tokens: readonly number[], vocabulary: string | null): string {
  return vocabulary === null ? Buffer.from(tokens).toString('utf8') : decodeTokens(tokens, vocabulary);
}

/** The first of the largest. @throws `predict.not-finite` */
export function likeliest(probabilities: Float32Array): number {
  let best = 0;
  for (let token = 0; token < probabilities.length; token++) {
    requireProbability(probabilities[token]!, token);
    if (probabilities[token]! > probabilities[best]!) best = token;
  }
  return best;
}

/**
 * The token whose share of [0, 1) holds `at`. Sums of binary64 in the order of the tokens, so that no engine may differ.
 *
 * @throws `predict.not-finite`
 */
export function draw(probabilities: Float32Array, at: number): number {
  let total = 0;
  for (let token = 0; token < probabilities.length; token++) {
    requireProbability(probabilities[token]!, token);
    total += probabilities[token]!;
  }
  let left = at * total;
  let last = 0;
  for (let token = 0; token < probabilities.length; token++) {
    if (probabilities[token] === 0) continue;
    last = token;
    left -= probabilities[token]!;
    if (left < 0) return token;
  }
  // Rounding may leave a little behind the last share.
  return last;
}

function requireProbability(value: number, token: number): void {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw fail('predict.not-finite', { value: String(value), token });
}

/** The `index`-th number of a stream: 53 bits in [0, 1). */
function uniform(key: readonly [number, number], index: number): number {
  const [high, low] = threefry2x32(key, [index, 0]);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
