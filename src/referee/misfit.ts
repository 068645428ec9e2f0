/** Why an operator has no microcode. Stays inside the compiler; people see an error of the catalogue. */
export type MisfitReason = 'instructions' | 'registers' | 'executed' | 'slots';

export class Misfit extends Error {
  readonly reason: MisfitReason;
  /** How many there would have to be, where that is known. */
  readonly count: number;

  constructor(reason: MisfitReason, count: number) {
    super(`${reason}: ${count}`);
    this.reason = reason;
    this.count = count;
  }
}
