/**
 * Initial weights: the initialisers of Keras as tfjs defines them, drawn from the job's seed and the weight's stream.
 *
 * Bounds and deviations are computed from shapes with + − × ÷ √ alone, so that they are the same everywhere.
 */
import { fail } from '../errors/index.js';
import { type Expr, type F32, f32, fadd, fmul, fselect, fsub, type I32, ieq } from '../expr/expression.js';
import { normal, truncatedNormal, uniform } from '../expr/random.js';
import { type Coordinates, flatIndex, type LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { Attribute } from '../frontend/recording.js';
import { streamKey } from '../numerics/threefry.js';
import { convert } from './elementwise.js';
import { type KernelContext, type KernelTable, numberAttribute, output, outputTensor, unsupported } from './kernel.js';
import { orthogonalMatrix } from './orthogonal.js';

/** Streams of initial weights count up from here; those of layers from 0. */
const INITIAL_STREAMS = 0x80000000;

type Options = Readonly<Record<string, Attribute>>;
type Distribution = (element: I32, at: Coordinates) => F32;

interface Request {
  readonly context: KernelContext;
  readonly options: Options;
  readonly shape: readonly number[];
  readonly key: readonly [number, number];
}

/** Uniform in [low, high). */
function uniformBetween({ key }: Request, low: number, high: number): Distribution {
  return (element) => fadd(fmul(uniform(key, element), fsub(f32(high), f32(low))), f32(low));
}

function scaled(draw: typeof normal, { key }: Request, mean: number, deviation: number): Distribution {
  return (element) => {
    const value = fmul(draw(key, element), f32(deviation));
    return mean === 0 ? value : fadd(value, f32(mean));
  };
}

/** Scales by the number of inputs and outputs of a unit (Glorot, He, LeCun). */
function varianceScaling(request: Request, scale: number, mode: string, distribution: string): Distribution {
  const [fanIn, fanOut] = fansOf(request.shape);
  const fans: Readonly<Record<string, number>> = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 };
  if (!Object.hasOwn(fans, mode)) throw unsupported(request.context, 'mode', mode, 'fanIn, fanOut or fanAvg');
  const variance = scale / Math.max(1, fans[mode]!);
  if (distribution === 'normal') return scaled(truncatedNormal, request, 0, Math.sqrt(variance));
  if (distribution !== 'uniform') throw unsupported(request.context, 'distribution', distribution, 'normal or uniform');
  const limit = Math.sqrt(3 * variance);
  return uniformBetween(request, -limit, limit);
}

/** The inputs and outputs of a unit: of a dense kernel its two extents, of a convolution times its receptive field. */
function fansOf(shape: readonly number[]): [number, number] {
  const size = (extents: readonly number[]): number => extents.reduce((total, extent) => total * extent, 1);
  if (shape.length === 2) return [shape[0]!, shape[1]!];
  if (shape.length >= 3 && shape.length <= 5) {
    const field = size(shape.slice(0, -2));
    return [shape.at(-2)! * field, shape.at(-1)! * field];
  }
  const side = Math.sqrt(size(shape));
  return [side, side];
}

function numberOption({ options, context }: Request, name: string, otherwise: number): number {
  const value = options[name] ?? otherwise;
  if (typeof value !== 'number') throw unsupported(context, name, value, 'a number');
  return value;
}

const constant =
  (value: number): Distribution =>
  () =>
    f32(value);

const INITIALIZERS: Readonly<Record<string, (request: Request) => Distribution>> = {
  Zeros: () => constant(0),
  Ones: () => constant(1),
  Constant: (request) => constant(numberOption(request, 'value', 0)),
  RandomUniform: (request) =>
    uniformBetween(request, numberOption(request, 'minval', -0.05), numberOption(request, 'maxval', 0.05)),
  RandomNormal: (request) =>
    scaled(normal, request, numberOption(request, 'mean', 0), numberOption(request, 'stddev', 0.05)),
  TruncatedNormal: (request) =>
    scaled(truncatedNormal, request, numberOption(request, 'mean', 0), numberOption(request, 'stddev', 0.05)),
  Identity: (request) => identity(request),
  VarianceScaling: (request) =>
    varianceScaling(
      request,
      numberOption(request, 'scale', 1),
      String(request.options['mode'] ?? 'fanIn'),
      String(request.options['distribution'] ?? 'normal'),
    ),
  GlorotUniform: (request) => varianceScaling(request, 1, 'fanAvg', 'uniform'),
  GlorotNormal: (request) => varianceScaling(request, 1, 'fanAvg', 'normal'),
  HeUniform: (request) => varianceScaling(request, 2, 'fanIn', 'uniform'),
  HeNormal: (request) => varianceScaling(request, 2, 'fanIn', 'normal'),
  LeCunUniform: (request) => varianceScaling(request, 1, 'fanIn', 'uniform'),
  LeCunNormal: (request) => varianceScaling(request, 1, 'fanIn', 'normal'),
};

/** A square matrix with `gain` on its diagonal. */
function identity(request: Request): Distribution {
  const [rows, columns] = request.shape;
  if (request.shape.length !== 2 || rows !== columns) {
    throw unsupported(request.context, 'shape', [...request.shape], 'a square matrix');
  }
  const gain = numberOption(request, 'gain', 1);
  return (_element, [row, column]) => fselect(ieq(row!, column!), f32(gain), f32(0));
}

/** The one initialiser whose elements depend on each other. */
function orthogonal({ context, shape, options, key }: Request): LazyTensor {
  if (shape.length < 2) throw unsupported(context, 'shape', [...shape], 'two axes or more');
  const gain = numberOption({ context, shape, options, key }, 'gain', 1);
  return orthogonalMatrix({ shape, gain, key, builder: context.builder });
}

function initialise(context: KernelContext): LazyTensor {
  const { shape, dtype } = output(context);
  const className = String(context.call.attributes['className']);
  const options = optionsOf(context);
  const key = streamKey(context.builder.seed, INITIAL_STREAMS + numberAttribute(context, 'stream', 0));
  if (className === 'Orthogonal' && dtype === 'float32') return orthogonal({ context, options, shape, key });
  const initializer = Object.hasOwn(INITIALIZERS, className) ? INITIALIZERS[className] : undefined;
  if (initializer === undefined) {
    const supported = [...Object.keys(INITIALIZERS), 'Orthogonal'].join(', ');
    throw fail('lowering.unsupported-initializer', { className, layer: context.call.scope, supported });
  }
  const draw = initializer({ context, options, shape, key });
  const kind = `init-${className.toLowerCase()}`;
  return outputTensor(context, kind, [], (at): Expr => convert(draw(flatIndex(at, shape), at), 'float32', dtype));
}

function optionsOf(context: KernelContext): Options {
  const options = context.call.attributes['config'] ?? {};
  if (typeof options !== 'object' || Array.isArray(options)) throw unsupported(context, 'config', options, 'an object');
  return options as Options;
}

export const INITIALIZER_KERNELS: KernelTable = {
  GensynInit: { reads: 'once', lower: initialise },
};
