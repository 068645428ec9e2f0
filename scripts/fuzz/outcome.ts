/** The rule of everything that reads what others wrote: a value, or an error of the catalogue. */
import { CATALOG } from '../../src/errors/catalog.js';
import { type GensynError, isGensynError } from '../../src/errors/index.js';
import type { Outcome } from './target.js';

/** Judges what was thrown: a refusal is an error of the catalogue that is no mistake of our own. @throws all others */
export function refused(error: unknown): Outcome {
  if (!isGensynError(error)) throw error;
  if (error.kind === 'internal') {
    throw new Error(`${error.code} is a mistake of our own: ${error.message}`, { cause: error });
  }
  const gap = gapIn(error);
  if (gap !== undefined) throw new Error(`${error.code} says nothing for ${gap}: ${error.message}`, { cause: error });
  return 'refused';
}

/** The outcome of an action that may refuse. @throws what it threw where that is no refusal */
export async function outcomeOf(action: () => unknown): Promise<Outcome> {
  try {
    await action();
    return 'accepted';
  } catch (error) {
    return refused(error);
  }
}

/** The first name in the text of an error that nothing of use was given for. */
function gapIn({ code, data }: GensynError): string | undefined {
  const { template, hint } = CATALOG[code];
  const names = [...`${template}${hint}`.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  return names.find((name) => ['undefined', '[object Object]'].includes(String(data[name])));
}
