/** What runs inside a contender's process. */

/** Options as they travel to the process: plain data. */
export type MeterOptions = Readonly<Record<string, string | number>>;

export interface Meter {
  /**
   * Works on one of its cases for about so long.
   *
   * @param what - the case; what is possible is the meter's own
   * @param milliseconds - how long, where the case does not set its own length
   * @returns the figure, in the unit that the meter documents
   */
  sample(what: string, milliseconds: number): Promise<number>;
  close(): Promise<void>;
}

export type StartMeter = (options: MeterOptions) => Promise<Meter>;

/** An option that must be there. */
export function numberOption(options: MeterOptions, name: string): number {
  const value = options[name];
  if (typeof value !== 'number') throw new Error(`the option ${name} is missing`);
  return value;
}

export function textOption(options: MeterOptions, name: string): string {
  const value = options[name];
  if (typeof value !== 'string') throw new Error(`the option ${name} is missing`);
  return value;
}
