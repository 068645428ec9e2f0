/** JSON that is almost a valid document: values in the place of others, keys missing, twice or where none belongs. */
import type { Random } from '../../test/referee/random-operators.js';
import { mutateBytes } from './mutate-bytes.js';

/** Text that stands in a document as it is: what `JSON.stringify` would not write. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Branch = readonly Node[] | { readonly [key: string]: Node };
type Node = Raw | null | boolean | number | string | Branch;

const DEEP = 100_000;
const LONG = 70_000;

const SCALARS: readonly Node[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e21, 5e-324, 1.7976931348623157e308],
  ...['', '0', '-1', '0x', '__proto__', 'toString', '..', '../../x', '/', '\u0000', '\u001b[2J', '\ud800', 'NaN', '٣'],
  ...['-0', '1e999', '-1e999', '1e-999', '00', '1'.repeat(400), 'NaN', '"\\ud800"'].map((text) => new Raw(text)),
  ...['{"__proto__":{"a":1}}', '{"constructor":1}', '{"a":1,"a":2}'].map((text) => new Raw(text)),
];

const LARGE: readonly (() => Node)[] = [
  () => new Raw('['.repeat(DEEP)),
  () => new Raw(`${'['.repeat(63)}${']'.repeat(63)}`),
  () => new Raw(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`),
  () => 'x'.repeat(LONG),
  () => new Array<Node>(LONG).fill(0),
  () => new Array<Node>(2000).fill({}),
  () => Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, at])),
];

/** A document like one of the samples, as bytes. A fifth of the changes are made to the text, without regard to JSON. */
export function mutateJson(random: Random, samples: readonly Uint8Array[]): Uint8Array {
  if (random.below(5) === 0) return mutateBytes(random, samples);
  const documents = samples.map((sample) => JSON.parse(Buffer.from(sample).toString()) as Node);
  let document: Node = documents[random.below(documents.length)]!;
  for (let changes = random.below(4); changes >= 0; changes--) document = changeSomewhere(random, document, documents);
  return new Uint8Array(Buffer.from(print(document, random.below(2) === 0 ? '' : ' ')));
}

/** A copy of a document that is changed at one place. */
function changeSomewhere(random: Random, node: Node, documents: readonly Node[]): Node {
  if (!isBranch(node)) return changedLeaf(random, node, documents);
  const keys = Object.keys(node);
  if (keys.length === 0 || random.below(8) === 0) return changedBranch(random, node, documents);
  const key = keys[random.below(keys.length)]!;
  const child = changeSomewhere(random, (node as Record<string, Node>)[key]!, documents);
  return Array.isArray(node) ? node.with(Number(key), child) : withEntry(node as object, key, child);
}

function changedLeaf(random: Random, node: Node, documents: readonly Node[]): Node {
  const kind = random.below(8);
  if (typeof node === 'number' && kind < 3) return node + [1, -1, 0.5, 2 ** 32, -2 * node][random.below(5)]!;
  if (typeof node === 'string' && kind < 3) return changedText(random, node);
  return kind === 3 ? somewhere(random, documents) : anything(random);
}

function changedText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const pieces = ['0', 'f', 'A', '/', '..', '\u0000', 'é', '-', '\n', text];
  const inserted = pieces[random.below(pieces.length)]!;
  return text.slice(0, at) + inserted + text.slice(at + random.below(3));
}

function changedBranch(random: Random, node: Node, documents: readonly Node[]): Node {
  const value = random.below(2) === 0 ? somewhere(random, documents) : anything(random);
  if (Array.isArray(node)) {
    const at = random.below(node.length + 1);
    const [first, ...rest] = node.slice(at);
    return [
      value,
      node.toSpliced(at, 1),
      node.toSpliced(at, 0, value),
      first === undefined ? [] : [...node.slice(0, at), first, first, ...rest],
    ][random.below(4)]!;
  }
  const entries = Object.entries(node as Record<string, Node>);
  const at = random.below(entries.length || 1);
  const names = ['__proto__', 'constructor', 'x', '', entries[at]?.[0] ?? 'y', 'schema'];
  const added: [string, Node] = [names[random.below(names.length)]!, value];
  return [
    value,
    printable(entries.toSpliced(at, 1)),
    printable([...entries, added]),
    printable([added, ...entries]),
    [node],
  ][random.below(5)]!;
}

/** Entries as an object, keys that stand twice and keys of prototypes included. */
function printable(entries: readonly (readonly [string, Node])[]): Raw {
  return new Raw(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${print(value, '')}`).join(',')}}`);
}

function anything(random: Random): Node {
  return random.below(30) === 0 ? LARGE[random.below(LARGE.length)]!() : SCALARS[random.below(SCALARS.length)]!;
}

/** Some part of some document. */
function somewhere(random: Random, documents: readonly Node[]): Node {
  let node = documents[random.below(documents.length)]!;
  while (isBranch(node) && random.below(3) > 0) {
    const children = Object.values(node) as Node[];
    if (children.length === 0) break;
    node = children[random.below(children.length)]!;
  }
  return node;
}

function isBranch(node: Node): node is Branch {
  return typeof node === 'object' && node !== null && !(node instanceof Raw);
}

function withEntry(node: object, key: string, value: Node): Node {
  return Object.fromEntries(Object.entries(node).map(([name, old]) => [name, name === key ? value : old]));
}

function print(node: Node, space: string): string {
  if (node instanceof Raw) return node.text;
  if (!isBranch(node)) return JSON.stringify(node);
  if (Array.isArray(node)) return `[${node.map((child) => print(child, space)).join(`,${space}`)}]`;
  const entries = Object.entries(node as Record<string, Node>);
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${space}${print(value, space)}`).join(`,${space}`)}}`;
}
