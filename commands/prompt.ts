/**
 * Questions to a person. They are asked only where there is one; everywhere else a missing value is an error that names
 * the flag. An aborted question ends the command with 130.
 */
import { fail } from '../src/errors/index.js';
import type { Invocation } from './context.js';
import { Interruption } from './interruption.js';

interface QuestionBase {
  /** The flag that answers it: `--name`. */
  readonly flag: string;
  readonly message: string;
  /** What is wrong with an answer, or null. */
  readonly validate?: (answer: string) => string | null;
}

export interface TextQuestion extends QuestionBase {
  readonly kind: 'text';
  readonly initial?: string;
}

export interface ChoiceQuestion extends QuestionBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly initial?: string;
}

export type Question = TextQuestion | ChoiceQuestion;

/**
 * The answer to a question: the given one, or a person's.
 *
 * @param given - the value of the flag, if it was passed
 * @throws `command.no-answer` where there is nobody to ask; `command.invalid-answer`; {@link Interruption}
 */
export async function ask(invocation: Invocation, question: Question, given?: string): Promise<string> {
  const answer = given ?? (await askPerson(invocation, question));
  const problem = problemWith(question, answer);
  if (problem !== null)
    throw fail('command.invalid-answer', { flag: question.flag, given: JSON.stringify(answer), reason: problem });
  return answer;
}

/** Asks for a yes. `assumed` is the answer of a `--yes` flag. */
export async function confirm(
  invocation: Invocation,
  flag: string,
  message: string,
  assumed: boolean,
): Promise<boolean> {
  if (assumed) return true;
  requirePerson(invocation, flag);
  const { confirm: prompt } = await import('@inquirer/prompts');
  return untilAborted(() => prompt({ message, default: false }, streams(invocation)));
}

function problemWith(question: Question, answer: string): string | null {
  if (question.kind === 'choice' && !question.choices.includes(answer))
    return `expected one of ${question.choices.join(', ')}`;
  return question.validate?.(answer) ?? null;
}

async function askPerson(invocation: Invocation, question: Question): Promise<string> {
  requirePerson(invocation, question.flag);
  const { input, select } = await import('@inquirer/prompts');
  const { message } = question;
  const initial = question.initial === undefined ? {} : { default: question.initial };
  if (question.kind === 'choice') {
    const choices = question.choices.map((value) => ({ value }));
    return untilAborted(() => select({ message, choices, ...initial }, streams(invocation)));
  }
  const validate = (answer: string): string | true => problemWith(question, answer) ?? true;
  return untilAborted(() => input({ message, validate, ...initial }, streams(invocation)));
}

function requirePerson({ terminal }: Invocation, flag: string): void {
  if (!terminal.interactive) throw fail('command.no-answer', { flag });
}

function streams({ io, signal }: Invocation) {
  return { input: io.stdin, output: io.stderr, signal };
}

async function untilAborted<Answer>(prompt: () => Promise<Answer>): Promise<Answer> {
  try {
    return await prompt();
  } catch (error) {
    const { name } = error as { name?: unknown };
    if (name === 'ExitPromptError' || name === 'AbortPromptError') throw new Interruption('SIGINT');
    throw error;
  }
}
