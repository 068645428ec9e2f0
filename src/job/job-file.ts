/** Job files: read strictly, checked as a whole, their paths made absolute. */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { resolvePath } from '../data/data-file.js';
import type { DatasetDeclaration } from '../data/dataset.js';
import { readBoundedFile } from '../data/read-file.js';
import { type JsonValue, parseJsonStrict } from '../data/strict-json.js';
import { isTextDeclaration } from '../data/text-dataset.js';
import { fail, isGensynError } from '../errors/index.js';
import { JOB_SCHEMA, type JobFile, jobFileSchema } from './job-schema.js';

/** The largest job file, in bytes. Layers are written inline, so there is some room. */
export const MAX_JOB_BYTES = 16 * 2 ** 20;

/**
 * Reads and checks a job file. Paths in the result are absolute; relative ones start at the job file's folder.
 *
 * @throws `job.missing`, `job.schema`, `job.unknown-key`, `job.invalid`, `data.json-…`, `data.file-…`
 */
export async function readJobFile(path: string): Promise<JobFile> {
  const absolute = resolve(path);
  const bytes = await readBoundedFile(absolute, { maxBytes: MAX_JOB_BYTES }).catch((cause: unknown) => {
    throw isGensynError(cause, 'data.file-missing') ? fail('job.missing', { path }, { cause }) : cause;
  });
  const value = parseJsonStrict(bytes, { maxBytes: MAX_JOB_BYTES, name: path });
  return withAbsolutePaths(checkJobFile(value, path), dirname(absolute));
}

/**
 * Checks a parsed job file; paths stay as they are.
 *
 * @param path - the file's name, for messages
 * @throws `job.schema`, `job.unknown-key`, `job.invalid`
 */
export function checkJobFile(value: JsonValue, path: string): JobFile {
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value['schema'] : undefined;
  if (schema !== JOB_SCHEMA) {
    const found = schema === undefined ? 'none' : JSON.stringify(schema).slice(0, 80);
    throw fail('job.schema', { path, found, expected: JOB_SCHEMA });
  }
  const parsed = jobFileSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw asJobError(parsed.error.issues, path);
  return parsed.data;
}

/** Makes the paths in a job absolute. */
export function withAbsolutePaths(job: JobFile, baseDirectory: string): JobFile {
  const absolute = (path: string): string => resolvePath(path, baseDirectory);
  const dataset = (declaration: DatasetDeclaration): DatasetDeclaration => {
    if (isTextDeclaration(declaration)) {
      return { ...declaration, text: { ...declaration.text, file: absolute(declaration.text.file) } };
    }
    const { features, labels } = declaration;
    return {
      ...declaration,
      features: { ...features, file: absolute(features.file) },
      labels: { ...labels, ...(labels.file && { file: absolute(labels.file) }) },
    };
  };
  const { model, data } = job;
  return {
    ...job,
    model: {
      ...model,
      ...(model.file !== undefined && { file: absolute(model.file) }),
      ...(model.module !== undefined && { module: absolute(model.module) }),
      ...(model.weights !== undefined && { weights: absolute(model.weights) }),
    },
    data: { train: dataset(data.train), ...(data.test !== undefined && { test: dataset(data.test) }) },
  };
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The error of one issue; the places of all of them go along for `--json`. */
function asJobError(issues: readonly Issue[], path: string): Error {
  const found = issues.map((issue) => innermost(issue, []));
  // A misspelt key is also a missing key; its spelling is what helps.
  const { issue, at } = found.find((each) => each.issue.code === 'unrecognized_keys') ?? found[0]!;
  const data = { issues: found.map((each) => ({ where: placeOf(each.at), reason: reasonOf(each.issue) })) };
  if (issue.code === 'unrecognized_keys') {
    return fail('job.unknown-key', { path, key: issue.keys[0]!, where: placeOf(at), known: issue.message }, { data });
  }
  return fail('job.invalid', { path, where: placeOf(at), reason: reasonOf(issue) }, { data });
}

/** Follows a union into the alternative of the right type, where the mistake is. */
function innermost(issue: Issue, before: Path): { issue: Issue; at: Path } {
  const at = [...before, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, at };
  const alternative = issue.errors.find(
    (errors) => !errors.some((each) => each.code === 'invalid_type' && each.path.length === 0),
  );
  const first = alternative?.[0];
  return first === undefined ? { issue, at } : innermost(first, at);
}

function placeOf(at: Path): string {
  if (at.length === 0) return 'the job itself';
  return at.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`;
    return place === '' ? String(key) : `${place}.${String(key)}`;
  }, '');
}

function reasonOf(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return `it is missing; ${issue.expected} is needed`;
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.join(', ')}; known are ${issue.message}`;
  const given =
    'input' in issue && isScalar(issue.input) ? ` (given: ${JSON.stringify(issue.input)?.slice(0, 80)})` : '';
  return `${issue.message}${given}`;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
}
