/** What computed a run whose backend is not canonical: its bits hang on all of it. */
import { z } from 'zod';

export interface RunMachine {
  /** The package that brought the kernels, and its version. */
  readonly package: string;
  readonly version: string;
  /** The tfjs backend of that package. */
  readonly backend: string;
  /** The version of TensorFlow behind it, or `null` where there is none. */
  readonly tensorflow: string | null;
  /** What the kernels run on, in words. */
  readonly device: string;
  /** Operating system, architecture and the version of Node. */
  readonly system: string;
  /** Environment variables that were set before the package was loaded. */
  readonly switches: Readonly<Record<string, string>>;
}

/** A stranger's manifest is shown on terminals. */
const text = z
  .string()
  .max(300)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'it holds a control character');

export const RUN_MACHINE = z.strictObject({
  package: text,
  version: text,
  backend: text,
  tensorflow: text.nullable(),
  device: text,
  system: text,
  switches: z
    .record(text, text)
    .refine((switches) => Object.keys(switches).length <= 32, 'there are too many switches'),
});

/** The machine in one line. */
export function machineText({ package: name, version, backend, tensorflow, device, system }: RunMachine): string {
  const library = tensorflow === null ? '' : `, TensorFlow ${tensorflow}`;
  return `${name} ${version} (${backend}${library}) on ${device}, ${system}`;
}
