/** `gensyn init`: asks what a job needs and writes a job file. Every question has a flag, so that scripts can answer. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { fail } from '../src/errors/index.js';
import type { Question } from '../src/job/job-template.js';
import type { CommandContext, Invocation, Outcome } from './context.js';
import { examplesText } from './help-text.js';
import { ask } from './prompt.js';

interface InitOptions {
  readonly directory: string;
  readonly yes: boolean;
  readonly force: boolean;
  /** Answers that were passed as flags, by question. */
  readonly answers: Readonly<Record<string, string>>;
}

/**
 * The flags of the questions in `src/job/job-template.ts` (a test compares them). They stand here once more because
 * help must not load what compiles jobs.
 */
export const ANSWER_FLAGS: readonly (readonly [question: string, flag: string, description: string])[] = [
  ['name', '--name <name>', 'name of the job'],
  ['features', '--features <file>', 'file with the training features: IDX, npy, CSV, safetensors; or a text (.txt)'],
  ['length', '--length <n>', 'bytes of the text that the model sees at once'],
  ['columns', '--columns <names>', 'CSV columns with the features, separated by commas'],
  ['column', '--column <name>', 'CSV column with the label'],
  ['labels', '--labels <file>', 'file with the training labels'],
  ['task', '--task <task>', 'classification or regression'],
  ['classes', '--classes <n>', 'number of classes, or their names separated by commas'],
  ['outputs', '--outputs <n>', 'numbers to predict for each example'],
  ['scale', '--scale <x>', 'factor that features are multiplied by'],
  ['model', '--model <kind>', 'mlp (a small network), or file for a model of your own'],
  ['modelFile', '--model-file <file>', 'Keras/tfjs model.json, or .mjs module'],
  ['hidden', '--hidden <units>', 'units of the hidden layers, separated by commas'],
  ['optimizer', '--optimizer <name>', 'adam, sgd, momentum or rmsprop'],
  ['learningRate', '--learning-rate <x>', 'learning rate'],
  ['batchSize', '--batch-size <n>', 'examples in a training step'],
  ['steps', '--steps <n>', 'training steps'],
  ['checkpointEvery', '--checkpoint-every <n>', 'training steps between checkpoints: a power of two'],
  ['seed', '--seed <n>', 'seed of everything random'],
];

/** Adds the command. */
export function defineInit(program: Command, context: CommandContext): void {
  const command = program
    .command('init')
    .summary('write a job file, with a few questions')
    .description(
      'Writes job.json into a folder. Asks on a terminal; elsewhere every answer comes from its flag, or from --yes.',
    )
    .argument('[dir]', 'folder of the job')
    .option('-y, --yes', 'take the default of every question that no flag answers')
    .option('-f, --force', 'replace a job file that is there')
    .optionsGroup('Answers:');
  for (const [, flag, description] of ANSWER_FLAGS) command.option(flag, description);
  command
    .addHelpText(
      'after',
      examplesText(['gensyn init my-job', 'gensyn init my-job --yes --features train.csv --columns a,b --column y']),
    )
    .action((directory: string | undefined, _options: unknown, called: Command) => {
      const { yes = false, force = false, ...rest } = called.opts<Record<string, unknown>>();
      const answers = Object.fromEntries(
        Object.entries(rest).filter(([id]) => ANSWER_FLAGS.some(([known]) => known === id)),
      );
      const options = { directory: directory ?? '.', yes, force, answers } as InitOptions;
      return context.execute(called, (invocation) => init(options, invocation));
    });
}

async function init({ directory, yes, force, answers: given }: InitOptions, invocation: Invocation): Promise<Outcome> {
  const { defaultAnswers, jobTemplate, QUESTIONS } = await import('../src/job/job-template.js');
  const { makeFolder, writeFileAtomically } = await import('../src/files/atomic-file.js');
  const path = join(directory, 'job.json');
  // Before the questions: nobody should answer twenty of them for nothing.
  if (existsSync(path) && !force) throw fail('command.file-exists', { path });
  const answers = yes ? defaultAnswers(given) : await askAll(QUESTIONS, given, invocation);
  const job = jobTemplate(answers);
  await makeFolder(directory);
  await writeFileAtomically(path, `${JSON.stringify(job, null, 2)}\n`);
  return { result: { path, job }, text: `Wrote ${path}.`, next: `gensyn train ${path} --out runs/${job.name}` };
}

async function askAll(questions: readonly Question[], given: InitOptions['answers'], invocation: Invocation) {
  const answers: Record<string, string> = {};
  for (const question of questions) {
    if (question.when(answers)) answers[question.id] = await askOne(question, given[question.id], invocation);
  }
  return answers;
}

function askOne(
  { id, message, kind, default: initial, choices = [], check }: Question,
  given: string | undefined,
  invocation: Invocation,
) {
  const flag = ANSWER_FLAGS.find(([known]) => known === id)?.[1].split(' ')[0] ?? `--${id}`;
  const shared = { flag, message, initial, validate: check };
  if (kind !== 'select') return ask(invocation, { ...shared, kind: 'text' }, given);
  return ask(invocation, { ...shared, kind: 'choice', choices: choices.map(({ value }) => value) }, given);
}
