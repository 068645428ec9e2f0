import type { TensorType } from '../recording.js';
import { type Layer, type Tensor, tf, tfl, type Variable } from './load-tfjs.js';
import { layerRefusal } from './named-refusal.js';
import type { Patches } from './patches.js';
import type { RecordingSession } from './recording-session.js';

/** The internals of tfjs's engine that carry phases, layers and variables. */
interface EngineInternals {
  state: { activeTape: TapeNode[] };
  tidy(nameOrRun: unknown, run?: () => unknown): unknown;
  addTapeNode(...rest: unknown[]): void;
  makeVariable(initial: Tensor, trainable?: boolean, name?: string, dtype?: string): Variable;
}

type Gradients = Record<string, () => unknown>;

interface TapeNode {
  gradient?: (outputGradients: unknown) => Gradients;
}

type LayerApply = (this: Layer, inputs: unknown, keywords?: unknown) => unknown;
type AddWeight = (this: Layer, name: string, ...rest: unknown[]) => unknown;

/** Makes tfjs say where each kernel call comes from, and shows every variable to the session. */
export function installEngineHooks(session: RecordingSession, patches: Patches): void {
  const engine = tf.engine() as unknown as EngineInternals;
  hookPhases(session, patches, engine);
  hookTape(session, patches, engine);
  hookVariables(session, patches, engine);
  hookLayers(session, patches);
}

/** The engine opens a tidy of this name around each pass. */
function hookPhases(session: RecordingSession, patches: Patches, engine: EngineInternals): void {
  patches.replace(engine, 'tidy', (original) => (nameOrRun: unknown, run: () => unknown) => {
    const tidy = () => (original as EngineInternals['tidy']).call(engine, nameOrRun, run);
    return nameOrRun === 'forward' || nameOrRun === 'backward' ? session.withPhase(nameOrRun, tidy) : tidy();
  });
}

/** A gradient runs in the scope in which its forward operation was made; so do the thunks it returns. */
function hookTape(session: RecordingSession, patches: Patches, engine: EngineInternals): void {
  patches.replace(engine, 'addTapeNode', (original) => (...rest: never[]) => {
    original.apply(engine, rest);
    const node = engine.state.activeTape.at(-1);
    const gradient = node?.gradient;
    if (node === undefined || gradient === undefined) {
      return;
    }
    const scope = session.scope;
    node.gradient = (outputGradients) => {
      const thunks = session.withScope(scope, () => gradient(outputGradients));
      return Object.fromEntries(
        Object.entries(thunks).map(([name, thunk]) => [name, () => session.withScope(scope, thunk)]),
      );
    };
  });
}

/** Keeps a variable's initial value as an expression and lets the variable itself stand for a symbol from then on. */
function hookVariables(session: RecordingSession, patches: Patches, engine: EngineInternals): void {
  patches.replace(engine, 'makeVariable', (original) => (...rest: Parameters<EngineInternals['makeVariable']>) => {
    const variable = (original as EngineInternals['makeVariable']).apply(engine, rest);
    const initial = session.valueOf(variable).id;
    session.variables.set(variable, { variable, initial, symbol: holdFreshSymbol(session, variable) });
    return variable;
  });
}

/** Assigns a new state symbol to the variable and gives its id. */
export function holdFreshSymbol(session: RecordingSession, variable: Variable): number {
  const tensor = session.inputTensor('state', variable.name, variable.shape, variable.dtype as TensorType);
  variable.assign(tensor);
  tensor.dispose();
  return session.valueOf(variable).id;
}

/** What a layer was given, and what it was asked to make of it where tfjs does not say so itself. */
function shapesText(layer: Layer, inputs: unknown): string {
  const given = [inputs].flat().map((input) => (input as { shape?: (number | null)[] } | undefined)?.shape);
  const shapes = given.filter((shape) => shape !== undefined).map((shape) => `[${shape.map((size) => size ?? '?')}]`);
  const { targetShape } = layer as { targetShape?: number[] };
  const target = targetShape === undefined ? '' : `, its target shape is [${targetShape}]`;
  return shapes.length === 0 ? '' : ` It was given ${shapes.join(' and ')}${target}.`;
}

function hookLayers(session: RecordingSession, patches: Patches): void {
  const prototype = tfl.layers.Layer.prototype;
  patches.replace(prototype, 'apply', (original) => {
    return function (this: Layer, inputs: unknown, keywords?: unknown) {
      const apply = () => {
        try {
          return (original as LayerApply).call(this, inputs, keywords);
        } catch (cause) {
          throw layerRefusal(this.name, this.getClassName(), cause, shapesText(this, inputs));
        }
      };
      // The outermost model is no layer of itself.
      return session.scope.length === 0 && 'layers' in this ? apply() : session.within(this.name, apply);
    };
  });
  patches.replace(prototype, 'addWeight', (original) => {
    return function (this: Layer, name: string, ...rest: unknown[]) {
      const add = () => (original as AddWeight).call(this, name, ...rest);
      return session.scope.at(-1) === this.name ? add() : session.within(this.name, add);
    };
  });
}
