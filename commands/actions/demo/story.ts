/** The demo as lines: what a step cost in gas and seconds, who did it, and what it was. Lines are never redrawn. */
import type { ChalkInstance } from 'chalk';
import type { Invocation } from '../../context.js';
import { createProgress, type Progress } from '../../progress.js';

/** Thin text, and phosphor green for what counts. Nothing has a background: terminals keep their own. */
export interface Look {
  green(text: string): string;
  dim(text: string): string;
}

/** What a line's step took. */
export interface Cost {
  readonly gas?: bigint;
  readonly ms?: number;
}

export interface Story {
  readonly look: Look;
  /** For what takes time. Its line vanishes when the story goes on. */
  readonly progress: Progress;
  /** Begins a chapter. */
  chapter(title: string): void;
  /** Somebody does something; nobody in particular where `who` is empty. */
  tell(who: string, what: string, cost?: Cost): void;
  /** A block of lines, as it is. */
  show(text: string): void;
}

const PHOSPHOR = '#39ff88';
const [GAS_WIDTH, SECONDS_WIDTH, WHO_WIDTH, RULE_WIDTH] = [11, 7, 10, 92];

/** A story on stdout; nothing of it with `--json` or `--quiet`. */
export async function createStory({ io, terminal, globals }: Invocation): Promise<Story> {
  const isSilent = globals.json || globals.quiet;
  const look = lookOf(terminal.stdoutStyle);
  const progress = await createProgress(io, terminal, isSilent, 'vanishes');
  const write = (text: string): void => {
    if (isSilent) return;
    progress.end();
    terminal.result(`${text}\n`);
  };
  return {
    look,
    progress,
    chapter: (title) => write(chapterText(title, look)),
    tell: (who, what, cost = {}) => write(`${costText(cost, look)}${whoText(who, look)}${what}`),
    show: write,
  };
}

/** A whole number with commas between thousands. */
export function grouped(value: bigint | number): string {
  return value.toLocaleString('en-US');
}

function lookOf(style: ChalkInstance): Look {
  return { green: (text) => style.hex(PHOSPHOR)(text), dim: (text) => style.dim(text) };
}

function chapterText(title: string, { green, dim }: Look): string {
  const rule = '─'.repeat(Math.max(2, RULE_WIDTH - title.length - 4));
  const head = `${'gas'.padStart(GAS_WIDTH)}${'s'.padStart(SECONDS_WIDTH)}`;
  return `\n${dim('──')} ${green(title)} ${dim(rule)}\n${dim(head)}`;
}

function costText({ gas, ms }: Cost, { dim }: Look): string {
  const spent = gas === undefined ? '' : grouped(gas);
  const took = ms === undefined ? '' : (ms / 1000).toFixed(1);
  return `${dim(spent.padStart(GAS_WIDTH))}${dim(took.padStart(SECONDS_WIDTH))}  `;
}

function whoText(who: string, { green }: Look): string {
  return who === '' ? ''.padEnd(WHO_WIDTH) : green(who.padEnd(WHO_WIDTH));
}
