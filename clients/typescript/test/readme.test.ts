import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import * as kairos from '../src/index.js';
import { Program } from './program.js';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

test("the README's program prints what the README says", async () => {
  const readme = await read('README.md');
  const source = /```ts\n([^]*?)```/.exec(readme)?.[1];
  const printed = /prints\n\n```\n([^]*?)```/.exec(readme)?.[1];
  assert(source && printed);
  const program = await Program.start();
  try {
    // In this package, its own name leads to it.
    const file = fileURLToPath(new URL('readme.mjs', import.meta.url));
    await writeFile(file, source.replaceAll('http://127.0.0.1:8000', program.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    assert.equal(stdout, printed);
  } finally {
    await program.stop();
  }
});

test('the page on the earlier client names every function that the earlier client has', async () => {
  const page = await read('MIGRATING.md');
  const names = Object.keys(kairos).filter((name) => name.includes('ApiV1'));
  assert(names.length > 30);
  assert.deepEqual(names.filter((name) => !page.includes(`\`${name}\``)), []);
});
