import { type Comparison, compare, ratioAtLeast } from '../comparison.js';
import { withContenders } from '../contender.js';
import { interleave, type Samples } from '../measure.js';
import type { MeterOptions } from '../meter.js';
import { type Scale, windowRounds } from './scale.js';

const WINDOW_MILLISECONDS = 400;
const UNIT = 'steps/s';

/** Training steps per second of the same models. */
export async function trainingRows(scale: Scale): Promise<Comparison[]> {
  return [...(await mlpRows(scale)), ...(await cnnRows(scale)), ...(await transformerRows(scale))];
}

async function mlpRows(scale: Scale): Promise<Comparison[]> {
  const [many, one, tfjsWasm, tfjsCpu] = await sample(
    [ours('mlp', scale.threads), ours('mlp', 1), tfjs('mlp', 'wasm'), tfjs('mlp', 'cpu')],
    windowRounds(scale),
  );
  const line = lines('MLP 784-256-128-10, batch 64, Adam', scale);
  return [
    line.all(many!, 'tfjs-wasm', tfjsWasm!, 5),
    line.one(one!, 'tfjs-wasm', tfjsWasm!),
    line.all(many!, 'tfjs-cpu', tfjsCpu!),
    line.all(many!, 'wasm, 1 thread', one!),
  ];
}

/** tfjs-wasm cannot train these, and tfjs-cpu takes seconds for a step. */
async function cnnRows(scale: Scale): Promise<Comparison[]> {
  const [many, one, tfjsCpu] = await besideTfjsCpu('cnn', scale);
  const line = lines('CNN 16c3-p-32c3-p-64-10, batch 32, Adam', scale);
  return [
    line.all(many!, 'tfjs-cpu', tfjsCpu!, 200),
    line.one(one!, 'tfjs-cpu', tfjsCpu!),
    line.all(many!, 'wasm, 1 thread', one!),
  ];
}

async function transformerRows(scale: Scale): Promise<Comparison[]> {
  const [many, one, tfjsCpu] = await besideTfjsCpu('transformer', scale);
  const line = lines('transformer, 2 blocks of 128, 8×64 tokens, Adam', scale);
  return [
    line.all(many!, 'tfjs-cpu', tfjsCpu!, 200),
    line.one(one!, 'tfjs-cpu', tfjsCpu!),
    line.all(many!, 'wasm, 1 thread', one!, 1.8),
  ];
}

function besideTfjsCpu(model: string, { threads, quick }: Scale): Promise<Samples[]> {
  const rounds = { rounds: quick ? 1 : 4, warmUps: 1 };
  return sample([ours(model, threads), ours(model, 1), tfjs(model, 'cpu')], rounds);
}

type Wanted = readonly [meter: string, options: MeterOptions];

const ours = (model: string, threads: number): Wanted => ['training', { model, threads }];
const tfjs = (model: string, backend: string): Wanted => ['tfjs-training', { model, backend }];

function sample(wanted: readonly Wanted[], rounds: Parameters<typeof interleave>[1]): Promise<Samples[]> {
  return withContenders(wanted, (contenders) => {
    const takers = contenders.map((contender, at) => ({
      name: String(at),
      sample: () => contender.sample('', WINDOW_MILLISECONDS),
    }));
    return interleave(takers, rounds);
  });
}

interface Lines {
  all(samples: Samples, name: string, beside: Samples, atLeast?: number): Comparison;
  one(samples: Samples, name: string, beside: Samples): Comparison;
}

function lines(model: string, { threads }: Scale): Lines {
  const line =
    (what: string): Lines['all'] =>
    (samples, name, beside, atLeast) =>
      compare({
        what: `${model}: ${what}`,
        unit: UNIT,
        ours: samples,
        beside: { name, samples: beside },
        ...(atLeast !== undefined && { target: ratioAtLeast(atLeast) }),
      });
  return { all: line(`wasm, ${threads} threads`), one: line('wasm, 1 thread') };
}
