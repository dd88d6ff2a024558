// A library as its author has it: a folder, and the archive that is made of it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const tar = require('tar-stream');

/** The files of a library, by their paths. */
function files({ name, version, more = '' }) {
	return {
		'library.properties': `name=${name}\nversion=${version}\nauthor=Jane <jane@example.com>\nsentence=Blinks twice.\n${more}`,
		'README.md': `# ${name}\n\nRead me first.\n`,
		'LICENSE.txt': 'Do as you like.\n',
		[`src/${name}.h`]: '#pragma once\n',
		[`src/${name}.cpp`]: `#include "${name}.h"\n`,
	};
}

/** A folder with a library in it, which goes when the test ends. */
export function folder(test, library) {
	const place = mkdtempSync(join(tmpdir(), 'mote-library-'));
	test.after(() => rmSync(place, { recursive: true, force: true }));
	write(place, library);
	return place;
}

/** Writes the files of a library into a folder, over those of another version. */
export function write(place, library) {
	for (const [path, content] of Object.entries(files(library))) {
		mkdirSync(dirname(join(place, path)), { recursive: true });
		writeFileSync(join(place, path), content);
	}
}

/** The archive (.tar.gz) of a library. */
export async function archive(library) {
	const pack = tar.pack();
	for (const [name, content] of Object.entries(files(library))) pack.entry({ name }, content);
	pack.finalize();
	const pieces = [];
	for await (const piece of pack) pieces.push(piece);
	return gzipSync(Buffer.concat(pieces));
}
