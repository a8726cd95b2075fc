#!/usr/bin/env node
// JavaScript, so that a Node too old for rekey still gets a sentence instead of a stack trace.
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`rekey needs Node 22.19 or later; this is Node ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const source = new URL('../lib/cli/main.ts', import.meta.url);
  const built = new URL('../dist/lib/cli/main.js', import.meta.url);
  const { main } = await import(existsSync(source) ? source : built);
  process.exitCode = await main(process.argv.slice(2));
}
