/** Parsers for the values of `gensyn settle`: what people write, and nothing else. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** What a contract's field of seconds holds. */
const MAX_SECONDS = 0xffffffff;
const MAX_NUMBER = 2n ** 64n - 1n;

/** Seconds: `90s`, `30m`, `2h`, `1d`, or several of them as in `1h30m`. */
export function duration(text: string): number {
  const isDuration = /^(?:[1-9][0-9]{0,9}d)?(?:[1-9][0-9]{0,9}h)?(?:[1-9][0-9]{0,9}m)?(?:[1-9][0-9]{0,9}s)?$/.test(
    text,
  );
  const parts = isDuration ? [...text.matchAll(/([0-9]+)([dhms])/g)] : [];
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError('Expected a duration such as 30m, 2h, 1d or 1h30m.');
}

/** The number of a job, claim or game. */
export function chainNumber(text: string): bigint {
  const number = /^[1-9][0-9]{0,19}$/.test(text) ? BigInt(text) : 0n;
  if (number > 0n && number <= MAX_NUMBER) return number;
  throw new InvalidArgumentError('Expected a whole number from 1.');
}

/** A decimal amount, as text: how many digits it may have depends on the token. */
export function amount(text: string): string {
  if (/^(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,38})?$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an amount such as 2 or 1.5.');
}

/** An address. Its checksum is checked where it is used, which needs a library that is slow to load. */
export function address(text: string): `0x${string}` {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text as `0x${string}`;
  throw new InvalidArgumentError('Expected an address: 0x and 40 hexadecimal digits.');
}
