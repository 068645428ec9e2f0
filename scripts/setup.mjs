/**
 * Makes a checkout ready: installs what is missing, builds what is older than its source. Plain JavaScript without
 * dependencies, because it runs before there are any; quick when nothing is to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, 'dist', '.setup.json');
const SOURCES = [
  'bin',
  'commands',
  'src',
  'contracts/generated',
  'test',
  'bench',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** Installs and builds as far as needed. Ends the process where one of them fails. */
export function setup() {
  requireNode();
  if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'], 'npm ci');
  const sources = listSources();
  const known = readStamp();
  if (JSON.stringify(known) === JSON.stringify(sources)) return;
  // The compiler leaves the output of files that are gone; an old test would still run.
  if (Object.keys(known).some((path) => !(path in sources)))
    rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], 'the build (tsc -p .)');
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, JSON.stringify(sources));
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`error: gensyn needs Node 20.19 or later; this is Node ${process.versions.node}.\n`);
  process.exit(3);
}

/** True where npm has written every package of the lock file in the version it names. */
function isInstalled() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || found[path]?.version === version,
  );
}

/** Time and size of every file that the build reads. */
function listSources() {
  const files = {};
  const visit = (path) => {
    const information = statSync(join(root, path));
    if (!information.isDirectory()) files[path] = [information.mtimeMs, information.size];
    else for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`);
  };
  for (const path of SOURCES) if (existsSync(join(root, path))) visit(path);
  return files;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'));
  } catch {
    return {};
  }
}

function run(command, args, name) {
  process.stderr.write(`setup: ${name}\n`);
  const shell = process.platform === 'win32' && command === 'npm';
  // What installers and compilers print is no result of ours: it goes to stderr.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (status === 0) return;
  process.stderr.write(`error: ${name} failed${error ? `: ${error.message}` : ''}.\n`);
  process.exit(status ?? 3);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) setup();
