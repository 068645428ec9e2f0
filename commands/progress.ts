/**
 * Progress on stderr: one line that is redrawn on a terminal, and plain lines everywhere else, one for each phase and
 * each tenth of it.
 */
import type { Io } from './io.js';
import type { Terminal } from './terminal.js';

export interface Progress {
  /** Begins a phase, and ends the one before. */
  phase(label: string): void;
  /** `done` of `total` parts of the phase; the detail is a few words, such as the loss. */
  update(done: number, total: number, detail?: string): void;
  /** Ends the last phase. Nothing moves afterwards. */
  end(outcome?: 'done' | 'failed'): void;
}

const SILENT: Progress = { phase: () => undefined, update: () => undefined, end: () => undefined };
const BAR_WIDTH = 24;

/**
 * The progress that suits the terminal.
 *
 * @param ended - what becomes of the animated line of a phase that is done: it stays, or makes way for other lines
 */
export async function createProgress(
  io: Io,
  terminal: Terminal,
  quiet: boolean,
  ended: 'stays' | 'vanishes' = 'stays',
): Promise<Progress> {
  if (quiet) return SILENT;
  return terminal.animated ? animatedProgress(io, terminal, ended) : plainProgress(terminal);
}

/** `label: 30 % (12/40) detail`, whenever another tenth is reached. */
export function plainProgress(terminal: Terminal): Progress {
  let label = '';
  let tenth = 0;
  return {
    phase: (next) => {
      label = next;
      tenth = 0;
      terminal.message(`${label} …`);
    },
    update: (done, total, detail) => {
      const reached = total > 0 ? Math.floor((10 * done) / total) : 10;
      if (reached <= tenth) return;
      tenth = reached;
      terminal.message(joined(`${label}: ${reached * 10} % (${done}/${total})`, detail));
    },
    end: () => undefined,
  };
}

async function animatedProgress(io: Io, terminal: Terminal, ended: 'stays' | 'vanishes'): Promise<Progress> {
  const { default: ora } = await import('ora');
  // Ora would otherwise read stdin, and swallow the interrupt that ends a training run in order.
  const spinner = ora({ stream: io.stderr as unknown as NodeJS.WriteStream, discardStdin: false, color: false });
  const style = terminal.stderrStyle;
  let label = '';
  const done = (): void => void (ended === 'stays' ? spinner.succeed(label) : spinner.stop());
  return {
    phase: (next) => {
      if (spinner.isSpinning) done();
      label = next;
      spinner.start(label);
    },
    update: (done, total, detail) => {
      const share = total > 0 ? Math.min(1, done / total) : 1;
      const filled = Math.round(share * BAR_WIDTH);
      const bar = style.cyan('━'.repeat(filled)) + style.dim('─'.repeat(BAR_WIDTH - filled));
      spinner.text = joined(`${label} ${bar} ${Math.floor(share * 100)} % ${done}/${total}`, detail);
    },
    end: (outcome = 'done') => {
      if (!spinner.isSpinning) return;
      if (outcome === 'failed') spinner.fail(label);
      else done();
    },
  };
}

function joined(text: string, detail: string | undefined): string {
  return detail === undefined || detail === '' ? text : `${text} ${detail}`;
}
