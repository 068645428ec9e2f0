/** Money, times and hashes in words. */
import { formatEther, formatUnits } from 'viem';
import type { Token } from '../../../src/chain/token.js';

const DAY = 86_400;

/** Wei as ether. */
export function ether(wei: bigint): string {
  return `${formatEther(wei)} ETH`;
}

/** An amount of a token. */
export function tokens(units: bigint, { symbol, decimals }: Pick<Token, 'symbol' | 'decimals'>): string {
  return `${formatUnits(units, decimals)} ${symbol}`;
}

/** Seconds in their two largest units: `1 d 2 h`. */
export function span(seconds: number): string {
  const units = [
    [Math.floor(seconds / DAY), 'd'],
    [Math.floor((seconds % DAY) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  const shown = units.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** Unix time as a date, and how far it is from now. */
export function moment(time: number, now: number): string {
  const distance = time >= now ? `in ${span(time - now)}` : `${span(now - time)} ago`;
  return `${date(time)} (${distance})`;
}

/** Unix time as a date in UTC. Times beyond the calendar stay numbers. */
export function date(time: number): string {
  const found = new Date(1000 * time);
  if (Number.isNaN(found.getTime())) return `second ${time}`;
  return found.toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}
