/**
 * `node scripts/gpu/setup.mjs`: brings what the WebGPU tests need into `.gpu/`, which git ignores: the `webgpu` package
 * and two software Vulkan drivers, without touching the system and without root. Never part of an installation; needs a
 * network. What is there already is kept.
 *
 * The drivers are Debian's: SwiftShader (from `chromium-common`; flushes subnormal numbers) and lavapipe (from
 * `mesa-vulkan-drivers`, 25 or later, of the backports where the release has an older one; keeps them).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PACKAGE = 'webgpu@0.6.2';
/** Older ones lack what Dawn requires. */
const OLDEST_MESA = 25;

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.gpu');
/** Names of the drivers, and the environment variables with which a process uses each. */
const MANIFEST = join(folder, 'drivers.json');
const root = join(folder, 'root');
const apt = join(folder, 'apt');

/** Sets everything up. Returns a sentence for each thing that cannot be had here; empty where all is there. */
export function setupGpu() {
  const missing = [];
  mkdirSync(folder, { recursive: true });
  attempt(missing, 'the webgpu package', installPackage);
  attempt(missing, 'the software drivers', installDrivers);
  return missing;
}

function attempt(missing, what, action) {
  try {
    action();
  } catch (error) {
    missing.push(`${what}: ${error.message}`);
  }
}

function installPackage() {
  if (existsSync(join(folder, 'node_modules', 'webgpu', 'package.json'))) return;
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const shell = process.platform === 'win32';
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--prefix', folder, PACKAGE], {
    shell,
  });
}

function installDrivers() {
  if (existsSync(MANIFEST)) return;
  if (process.platform !== 'linux') throw new Error('they are taken from Debian packages, and this is not Linux');
  const archive = debianArchive();
  prepareApt(archive);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const name of [...vulkanPackages(archive), 'chromium-common']) unpack(name);
  const libraries = dirname(find(root, 'libvulkan_lvp.so'));
  const drivers = [
    describe('swiftshader', 'libvk_swiftshader.so', libraries),
    describe('lavapipe', 'libvulkan_lvp.so', libraries),
  ];
  writeFileSync(MANIFEST, `${JSON.stringify(drivers, null, 2)}\n`);
  rmSync(apt, { recursive: true, force: true });
}

/** The first archive with the release itself among the system's own package sources. */
function debianArchive() {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)';
  const lines = run('apt-get', ['indextargets', '--format', format]).split('\n');
  for (const line of lines) {
    const [uri, release, component, kind] = line.split(' ');
    if (kind === 'Packages' && component === 'main' && /^[a-z]+$/.test(release ?? '') && /debian\/?$/.test(uri ?? '')) {
      return { uri, release };
    }
  }
  throw new Error('the system has no Debian package source');
}

/** A configuration of its own: the system's sources and this release's backports. */
function prepareApt({ uri, release }) {
  for (const path of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, path), { recursive: true });
  const [own, backports] = [`deb ${uri} ${release} main`, `deb ${uri} ${release}-backports main`];
  writeFileSync(join(apt, 'sources.list'), `${own}\n${backports}\n`);
  run('apt-get', [...aptOptions(), 'update']);
}

function aptOptions() {
  return [
    `Dir::Etc::sourcelist=${join(apt, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(apt, 'lists')}`,
    `Dir::Cache=${apt}`,
    'Debug::NoLocking=true',
    // Root may not give up its rights to write here.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}

/** Loader and driver with everything they need and the system lacks, as `name=version`. */
function vulkanPackages({ release }) {
  const wanted = ['libvulkan1', 'mesa-vulkan-drivers'];
  const plan = run('apt-get', [
    ...aptOptions(),
    ...['-s', '-t', `${release}-backports`, 'install', '--no-install-recommends', '--reinstall', ...wanted],
  ]);
  const found = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)].map(([, name, version]) => ({
    name,
    version,
  }));
  const mesa = found.find(({ name }) => name === 'mesa-vulkan-drivers')?.version ?? 'none';
  if (!(Number.parseInt(mesa, 10) >= OLDEST_MESA)) {
    throw new Error(`mesa-vulkan-drivers ${OLDEST_MESA} or later is needed; the archive has ${mesa}`);
  }
  return found.filter(({ name }) => !name.endsWith('-dev')).map(({ name, version }) => `${name}=${version}`);
}

function unpack(name) {
  const downloads = join(apt, 'downloads');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads);
  run('apt-get', [...aptOptions(), 'download', name], { cwd: downloads });
  for (const file of readdirSync(downloads)) run('dpkg-deb', ['-x', join(downloads, file), root]);
}

/** Writes the file by which the Vulkan loader finds a driver; returns the environment in which a process uses it. */
function describe(name, library, libraries) {
  const icd = join(folder, `${name}.json`);
  const [original] = listFiles(root).filter(
    (path) => path.endsWith('.json') && readFileSync(path, 'utf8').includes(library),
  );
  const description = JSON.parse(readFileSync(original, 'utf8'));
  description.ICD.library_path = find(root, library);
  writeFileSync(icd, JSON.stringify(description));
  // The loader knows the list of drivers by two names, the newer one first.
  return { name, environment: { LD_LIBRARY_PATH: libraries, VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd } };
}

function find(directory, name) {
  const path = listFiles(directory).find((file) => file.endsWith(`/${name}`));
  if (path === undefined) throw new Error(`the packages hold no ${name}`);
  return path;
}

function listFiles(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

function run(command, commandArguments, options = {}) {
  const result = spawnSync(command, commandArguments, { encoding: 'utf8', timeout: 240_000, ...options });
  if (result.status === 0) return result.stdout;
  const reason = result.error?.message ?? result.stderr.trim().split('\n').at(-1);
  throw new Error(`${command} failed: ${reason}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const missing = setupGpu();
  for (const line of missing) process.stderr.write(`gpu: no ${line}\n`);
  process.exitCode = missing.length === 0 ? 0 : 3;
}
