/**
 * The core of `gensyn init`: which questions to ask, in which order, what counts as an answer, and the job that a set
 * of answers makes. Nothing here talks to a terminal.
 */
import type { JsonObject } from '../data/strict-json.js';
import { BYTE_CLASSES } from '../data/text.js';
import { fail } from '../errors/index.js';
import { checkJobFile } from './job-file.js';
import { JOB_SCHEMA, type JobFile } from './job-schema.js';

/** Answers by question id, as the person typed or chose them. */
export type Answers = Readonly<Record<string, string>>;

export interface Question {
  readonly id: string;
  readonly message: string;
  readonly kind: 'text' | 'number' | 'select';
  readonly default: string;
  /** For `select`. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  /** What is wrong with an answer, or null. */
  readonly check: (answer: string) => string | null;
  /** Whether to ask, given the answers so far. */
  readonly when: (answers: Answers) => boolean;
}

const always = (): boolean => true;
const isCsv = (answers: Answers): boolean => /\.csv(?:\.gz)?$/i.test(answers['features'] ?? '');
const isText = (answers: Answers): boolean => /\.txt(?:\.gz)?$/i.test(answers['features'] ?? '');
const isTable = (answers: Answers): boolean => !isText(answers);
const isClassification = (answers: Answers): boolean => answers['task'] !== 'regression' && isTable(answers);
const isMlp = (answers: Answers): boolean => answers['model'] !== 'file';

/** The questions, in order. */
export const QUESTIONS: readonly Question[] = [
  text(
    'name',
    'Name of the job',
    'my-job',
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'use 1 to 64 letters, digits, dots, dashes or underscores',
  ),
  text(
    'features',
    'File with the training features (IDX, npy, CSV, safetensors), or a text (.txt)',
    'train.csv',
    /./,
    'name a file',
  ),
  number('length', 'Bytes of the text that the model sees at once', 32, 1, 4096, isText),
  text('columns', 'Columns with the features, separated by commas', 'x', /\S/, 'name at least one column', isCsv),
  text('column', 'Column with the label', 'y', /\S/, 'name a column', isCsv),
  text(
    'labels',
    'File with the training labels',
    'labels.npy',
    /./,
    'name a file',
    (answers) => !isCsv(answers) && isTable(answers),
  ),
  select(
    'task',
    'What to learn',
    [
      ['classification', 'one of several classes'],
      ['regression', 'one or more numbers'],
    ],
    isTable,
  ),
  {
    id: 'classes',
    message: 'Number of classes, or their names separated by commas',
    kind: 'text',
    default: '10',
    check: checkClasses,
    when: isClassification,
  },
  number(
    'outputs',
    'Numbers to predict for each example',
    1,
    1,
    1_000_000,
    (answers) => isTable(answers) && !isClassification(answers),
  ),
  number('scale', 'Factor that features are multiplied by', 1, 1e-30, 1e30, isTable, false),
  select('model', 'Model', [
    ['mlp', 'a small network of dense layers; for a text, of recurrent ones'],
    ['file', 'my own model.json (Keras/tfjs) or .mjs module'],
  ]),
  text(
    'modelFile',
    'File with the model',
    'model.json',
    /\.(?:json|mjs|js)$/,
    'name a .json or .mjs file',
    (answers) => !isMlp(answers),
  ),
  text(
    'hidden',
    'Units of the hidden layers, separated by commas',
    '64, 32',
    /^\s*[1-9]\d{0,5}(?:\s*,\s*[1-9]\d{0,5})*\s*$/,
    'give whole numbers such as 64, 32',
    isMlp,
  ),
  select('optimizer', 'Optimiser', [
    ['adam', 'Adam'],
    ['sgd', 'plain gradient descent'],
    ['momentum', 'gradient descent with momentum 0.9'],
    ['rmsprop', 'RMSProp'],
  ]),
  number('learningRate', 'Learning rate', 0.001, 1e-12, 1e6, always, false),
  number('batchSize', 'Batch size', 32, 1, 1_000_000),
  number('steps', 'Training steps', 1024, 1, 2 ** 26),
  {
    ...number('checkpointEvery', 'Steps between checkpoints (a power of two)', 32, 1, 2 ** 26),
    check: (answer) =>
      /^\d{1,8}$/.test(answer) && isPowerOfTwo(Number(answer)) ? null : 'give a power of two: 1, 2, 4, 8, …',
  },
  number('seed', 'Seed', 1, 0, Number.MAX_SAFE_INTEGER),
];

/** The answers that a person gives by pressing return all the way. */
export function defaultAnswers(given: Answers = {}): Answers {
  const answers: Record<string, string> = {};
  for (const question of QUESTIONS) {
    if (question.when(answers)) answers[question.id] = given[question.id] ?? question.default;
  }
  return answers;
}

/**
 * The job that answers make; answers left out take their defaults. Paths stay as typed.
 *
 * @throws `job.answer` for an answer that its question refuses
 */
export function jobTemplate(given: Answers): JobFile {
  const answers = defaultAnswers(given);
  for (const question of QUESTIONS) {
    const answer = answers[question.id];
    const reason = answer === undefined ? null : question.check(answer);
    if (reason !== null)
      throw fail('job.answer', { answer: JSON.stringify(answer), question: question.message, reason });
  }
  const classification = isClassification(answers) || isText(answers);
  return checkJobFile(
    {
      schema: JOB_SCHEMA,
      name: answers['name']!,
      seed: Number(answers['seed']),
      model: modelOf(answers),
      data: { train: trainingData(answers) },
      loss: classification ? 'softmaxCrossEntropy' : 'meanSquaredError',
      ...(classification && { metrics: ['accuracy'] }),
      optimizer:
        answers['optimizer'] === 'momentum' ? { name: 'momentum', momentum: 0.9 } : { name: answers['optimizer']! },
      learningRate: Number(answers['learningRate']),
      batchSize: Number(answers['batchSize']),
      steps: Number(answers['steps']),
      checkpointEvery: Number(answers['checkpointEvery']),
    },
    'the new job',
  );
}

function trainingData(answers: Answers): JsonObject {
  if (isText(answers)) {
    return { text: { file: answers['features']!, unit: 'byte', length: Number(answers['length']) } };
  }
  const scale = Number(answers['scale']);
  const classes = isClassification(answers) ? { classes: parseClasses(answers['classes']!) } : {};
  const features = { file: answers['features']!, ...(scale !== 1 && { scale }) };
  if (!isCsv(answers)) return { features, labels: { file: answers['labels']!, ...classes } };
  return {
    features: { ...features, columns: splitList(answers['columns']!) },
    labels: { column: answers['column']!.trim(), ...classes },
  };
}

function modelOf(answers: Answers): JsonObject {
  if (!isMlp(answers)) {
    const file = answers['modelFile']!;
    return file.endsWith('.json') ? { file } : { module: file };
  }
  const units = splitList(answers['hidden']!).map(Number);
  if (isText(answers)) return { layers: recurrentLayers(units) };
  const hidden = units.map((each) => dense(each, { activation: 'relu' }));
  // Images and other examples of several axes become a plain list of numbers first.
  return { layers: [{ className: 'Flatten' }, ...hidden, dense(outputUnits(answers), {})] };
}

/** Predicts the next byte at every place of a window. */
function recurrentLayers(units: readonly number[]): JsonObject[] {
  return [
    { className: 'Embedding', config: { inputDim: BYTE_CLASSES, outputDim: 32 } },
    ...units.map((each) => ({ className: 'LSTM', config: { units: each, returnSequences: true } })),
    dense(BYTE_CLASSES, {}),
  ];
}

function dense(units: number, options: JsonObject): JsonObject {
  return { className: 'Dense', config: { units, ...options } };
}

function outputUnits(answers: Answers): number {
  if (!isClassification(answers)) return Number(answers['outputs']);
  const classes = parseClasses(answers['classes']!);
  return typeof classes === 'number' ? classes : classes.length;
}

function parseClasses(answer: string): number | readonly string[] {
  return /^\s*\d+\s*$/.test(answer) ? Number(answer) : splitList(answer);
}

function checkClasses(answer: string): string | null {
  const classes = parseClasses(answer);
  if (typeof classes === 'number')
    return classes >= 2 && classes <= 2 ** 24 ? null : 'there must be at least 2 classes';
  if (new Set(classes).size !== classes.length) return 'a class is named twice';
  return classes.length >= 2 ? null : 'there must be at least 2 classes';
}

function splitList(answer: string): string[] {
  return answer
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

function text(
  id: string,
  message: string,
  preset: string,
  pattern: RegExp,
  reason: string,
  when: Question['when'] = always,
): Question {
  return {
    id,
    message,
    kind: 'text',
    default: preset,
    check: (answer) => (pattern.test(answer) ? null : reason),
    when,
  };
}

function select(
  id: string,
  message: string,
  choices: readonly (readonly [value: string, label: string])[],
  when: Question['when'] = always,
): Question {
  const values = choices.map(([value]) => value);
  return {
    id,
    message,
    kind: 'select',
    default: values[0]!,
    choices: choices.map(([value, label]) => ({ value, label })),
    check: (answer) => (values.includes(answer) ? null : `choose one of ${values.join(', ')}`),
    when,
  };
}

function number(
  id: string,
  message: string,
  preset: number,
  smallest: number,
  largest: number,
  when: Question['when'] = always,
  whole = true,
): Question {
  const pattern = whole ? /^\d{1,16}$/ : /^\d*\.?\d+(?:e[+-]?\d+)?$/i;
  const check = (answer: string): string | null => {
    const value = pattern.test(answer) ? Number(answer) : Number.NaN;
    return value >= smallest && value <= largest
      ? null
      : `give a ${whole ? 'whole ' : ''}number from ${smallest} to ${largest}`;
  };
  return { id, message, kind: 'number', default: String(preset), check, when };
}
