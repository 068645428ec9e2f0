/** The growth table as an SVG picture: both axes logarithmic, one line for each batch and one for hashing. */
import type { GrowthRow } from './growth-row.js';

const SIZE = { width: 640, height: 400 } as const;
const FRAME = { left: 70, right: 500, top: 20, bottom: 350 } as const;
const COLOURS = ['#1b6ca8', '#c8553d', '#3a7d44', '#7a4fa3', '#8a6d3b'] as const;

interface Line {
  readonly name: string;
  readonly isDashed: boolean;
  readonly points: readonly (readonly [parameters: number, milliseconds: number])[];
}

export function plotGrowth(rows: readonly GrowthRow[]): string {
  const lines = linesOf(rows);
  const points = lines.flatMap((line) => line.points);
  const x = axis(
    points.map(([parameters]) => parameters),
    FRAME.left,
    FRAME.right,
  );
  const y = axis(
    points.map(([, milliseconds]) => milliseconds),
    FRAME.bottom,
    FRAME.top,
  );
  const grid = [
    ...x.decades.map((power) => verticalTick(x.place(10 ** power), power)),
    ...y.decades.map((power) => horizontalTick(y.place(10 ** power), power)),
  ];
  const curves = lines.map((line, at) => curve(line, at, x.place, y.place));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#ffffff"/>`,
    ...grid,
    ...curves,
    text((FRAME.left + FRAME.right) / 2, SIZE.height - 10, 'parameters', 'middle'),
    text(FRAME.left, FRAME.top - 6, 'milliseconds', 'middle'),
    '</svg>',
    '',
  ].join('\n');
}

function linesOf(rows: readonly GrowthRow[]): Line[] {
  const batches = [...new Set(rows.map(({ batch }) => batch))];
  const steps = batches.map((batch): Line => {
    const own = rows.filter((row) => row.batch === batch);
    return { name: `step, batch ${batch}`, isDashed: false, points: own.map((row) => [row.parameters, row.step]) };
  });
  const first = rows.filter(({ batch }) => batch === batches[0]);
  return [
    ...steps,
    { name: 'hash of the state', isDashed: true, points: first.map((row) => [row.parameters, row.hash]) },
  ];
}

interface Axis {
  /** Powers of ten from the one below the smallest value to the one above the largest. */
  readonly decades: readonly number[];
  readonly place: (value: number) => number;
}

function axis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const place = (value: number): number => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return { decades: Array.from({ length: high - low + 1 }, (_, at) => low + at), place };
}

function verticalTick(x: number, power: number): string {
  return `${rule(x, FRAME.top, x, FRAME.bottom)}\n${text(x, FRAME.bottom + 18, tenTo(power), 'middle')}`;
}

function horizontalTick(y: number, power: number): string {
  return `${rule(FRAME.left, y, FRAME.right, y)}\n${text(FRAME.left - 8, y + 4, tenTo(power), 'end')}`;
}

function curve({ name, isDashed, points }: Line, at: number, x: Axis['place'], y: Axis['place']): string {
  const colour = COLOURS[at % COLOURS.length]!;
  const places = points.map(([parameters, milliseconds]) => `${round(x(parameters))},${round(y(milliseconds))}`);
  const dash = isDashed ? ' stroke-dasharray="6 4"' : '';
  const line = `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
  const dots = places.map((place) => {
    const [cx, cy] = place.split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
  });
  const height = FRAME.top + 16 + 20 * at;
  const key = `${text(FRAME.right + 14, height, name, 'start', colour)}`;
  return [line, ...dots, key].join('\n');
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#dddddd"/>`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', colour = '#333333'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
}

/** 10 to a power, with the power raised. */
function tenTo(power: number): string {
  return `10<tspan dy="-5" font-size="9">${power}</tspan>`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
