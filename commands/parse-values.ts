/**
 * Parsers for option values. They take what people mean and nothing else: no `1e3`, no `0x10`, no `1.0`, no blanks.
 * Commander puts the option's name and the text that was given before the message.
 */
import { InvalidArgumentError } from 'commander';

const MAX_U32 = 0xffffffff;

export interface Fault {
  readonly step: number;
  readonly operator: number;
  readonly element: number;
  readonly bit: number;
}

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** Rows of data, both of them included. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** A parser of whole decimal numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number = MAX_U32): (text: string) => number {
  return (text) => {
    const value = decimal(text);
    if (value === undefined || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A power of two from 1 to 2^31. */
export function powerOfTwo(text: string): number {
  const value = decimal(text);
  if (value === undefined || value < 1 || value > 2 ** 31 || !Number.isInteger(Math.log2(value))) {
    throw new InvalidArgumentError('Expected a power of two: 1, 2, 4, 8, …');
  }
  return value;
}

/** `all`, `last`, or how many of the newest checkpoints stay. */
export function keepPolicy(text: string): 'all' | number {
  if (text === 'all') return 'all';
  if (text === 'last') return 1;
  const value = decimal(text);
  if (value === undefined || value < 1 || value > MAX_U32)
    throw new InvalidArgumentError("Expected 'all', 'last' or a whole number from 1.");
  return value;
}

/** `step,operator,element,bit`, each from 0. */
export function fault(text: string): Fault {
  const [step, operator, element, bit, ...rest] = text.split(',').map(decimal);
  const valid = [step, operator, element, bit].every((part) => part !== undefined && part <= MAX_U32);
  if (!valid || rest.length > 0 || bit! > 31) {
    throw new InvalidArgumentError("Expected 'step,operator,element,bit', whole numbers from 0, the bit up to 31.");
  }
  return { step: step!, operator: operator!, element: element!, bit: bit! };
}

/** `i..j`, or one row `i`: whole numbers from 0, both of them included. */
export function rowRange(text: string): RowRange {
  const [from, to = from, ...rest] = text.split('..');
  const [first, last] = [decimal(from ?? ''), decimal(to ?? '')];
  if (first === undefined || last === undefined || rest.length > 0 || first > last || last > MAX_U32) {
    throw new InvalidArgumentError("Expected 'i..j' with whole numbers from 0, such as 0..9.");
  }
  return { first, last };
}

/** 0, or a decimal number from 0.01 to 100. */
export function temperature(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value === 0 || (value >= 0.01 && value <= 100)) return value;
  throw new InvalidArgumentError('Expected 0 or a decimal number from 0.01 to 100.');
}

/** `i/n`, with i from 1 to n. */
export function shard(text: string): Shard {
  const [index, count, ...rest] = text.split('/').map(decimal);
  if (index === undefined || count === undefined || rest.length > 0 || index < 1 || index > count || count > MAX_U32) {
    throw new InvalidArgumentError("Expected 'i/n' with i from 1 to n, such as 2/4.");
  }
  return { index, count };
}

/** Public randomness: 16 to 64 bytes of hexadecimal digits, `0x` or not. Gives lower-case digits after `0x`. */
export function beacon(text: string): string {
  const digits = /^(?:0x)?([0-9a-f]{32,128})$/i.exec(text)?.[1];
  if (digits === undefined || digits.length % 2 !== 0) {
    throw new InvalidArgumentError('Expected 16 to 64 bytes of public randomness as hexadecimal digits.');
  }
  return `0x${digits.toLowerCase()}`;
}

function decimal(text: string): number | undefined {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
