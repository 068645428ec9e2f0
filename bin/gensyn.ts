#!/usr/bin/env node
/** The entry point: refuses a Node that is too old before anything else is loaded, then hands over to `commands/`. */
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: gensyn needs Node 20.19 or later; this is Node ${process.versions.node}.\n`);
  process.exitCode = 3;
} else {
  process.setSourceMapsEnabled(true);
  const [{ main }, { processIo }] = await Promise.all([import('../commands/main.js'), import('../commands/io.js')]);
  await main(process.argv.slice(2), processIo());
}
