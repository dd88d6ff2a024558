// The Particle CLI, unmodified: libraries that makers share, and releases of Device OS. Run once for each generation of the CLI.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Cli, vendor } from '../support/cli.mjs';
import { person } from '../support/cloud.mjs';
import { deviceOs } from '../support/firmware.mjs';
import { folder, write } from '../support/library.mjs';
import { mote } from '../support/operator.mjs';

/** Somebody who is signed in. */
async function maker(t) {
	const [me, cli] = [await person(), new Cli(t)];
	await cli.login(me);
	return { me, cli };
}

/** Runs a command that must go well; gives what it printed. */
async function done(cli, ...command) {
	const run = await cli.run(command);
	assert.equal(run.status, 0, `${command.join(' ')}\n${run.text}`);
	return run.text;
}

/** A library's name that nobody has yet. */
const fresh = () => `Blink${randomBytes(4).toString('hex')}`;

test('a library is uploaded, published, found and copied', async (t) => {
	const [{ cli: jane }, { cli: john }] = [await maker(t), await maker(t)];
	const name = fresh();
	jane.folder = folder(t, { name, version: '1.0.0' });
	john.folder = folder(t, { name: 'project', version: '0.0.1' });
	assert.ok((await done(jane, 'library', 'upload')).includes(`${name} was successfully uploaded`));
	assert.match(await done(jane, 'library', 'list', 'mine', '--non-interactive'), new RegExp(`${name} 1\\.0\\.0 \\[private\\] +0 Blinks twice`));
	// Nobody else sees it, its author can read it.
	assert.ok((await done(john, 'library', 'search', name)).includes('Found 0 libraries'));
	assert.ok((await done(jane, 'library', 'view', name, '--readme')).includes('Read me first'));
	const unseen = await john.run(['library', 'view', name]);
	assert.equal(unseen.status, 1, unseen.text);
	// The same version again, as long as it is private; then it stays.
	write(jane.folder, { name, version: '1.0.0', more: 'license=MIT\n' });
	await done(jane, 'library', 'upload');
	assert.ok((await done(jane, 'library', 'publish', name)).includes(`${name} was successfully published`));
	const again = await jane.run(['library', 'upload']);
	assert.equal(again.status, 1, again.text);
	assert.ok(again.text.includes('raise the version'), again.text);

	const found = await done(john, 'library', 'search', name.toLowerCase());
	assert.ok(found.includes('Found 1 library') && found.includes(`${name} 1.0.0`), found);
	assert.match(await done(john, 'library', 'list', 'recent', '--non-interactive'), new RegExp(`${name} 1\\.0\\.0`));
	await done(john, 'library', 'copy', name);
	assert.equal(readFileSync(join(john.folder, 'lib', name, 'src', `${name}.h`), 'utf8'), '#pragma once\n');
	assert.ok(readFileSync(join(john.folder, 'lib', name, 'library.properties'), 'utf8').includes('license=MIT'));
	// One download of John's, one of Jane's before.
	assert.match(await done(john, 'library', 'search', name), new RegExp(`${name} 1\\.0\\.0 2 Blinks`));
	// Uploading and publishing in one.
	write(jane.folder, { name, version: '1.1.0' });
	await done(jane, 'library', 'publish');
	assert.ok((await done(john, 'library', 'search', name)).includes(`${name} 1.1.0`));
	const stolen = await john.run(['library', 'publish', name]);
	assert.equal(stolen.status, 1, stolen.text);
	mote('library', 'mark', name, '--official');
	assert.match(await done(john, 'library', 'list', 'official', '--non-interactive'), new RegExp(`${name} 1\\.1\\.0`));
});

test('a library is added to a project', async (t) => {
	const { cli } = await maker(t);
	const name = fresh();
	cli.folder = folder(t, { name, version: '2.0.0' });
	await done(cli, 'library', 'publish');
	cli.folder = folder(t, { name: 'project', version: '0.0.1' });
	writeFileSync(join(cli.folder, 'project.properties'), 'name=project\n');
	await done(cli, 'library', 'add', name);
	assert.ok(readFileSync(join(cli.folder, 'project.properties'), 'utf8').includes(`dependencies.${name}=2.0.0`));
	await done(cli, 'library', 'install', `${name}@2.0.0`, '--copy');
	assert.ok(existsSync(join(cli.folder, 'lib', name, 'src', `${name}.cpp`)));
});

test('a library is deleted while it is private', async (t) => {
	const { cli } = await maker(t);
	const name = fresh();
	cli.folder = folder(t, { name, version: '1.0.0' });
	await done(cli, 'library', 'upload');
	cli.variables.PARTICLE_LIBRARY_DELETE_TOKEN = 'anything';
	assert.ok((await done(cli, 'library', 'delete', name)).includes(`${name} deleted`));
	assert.ok((await done(cli, 'library', 'search', name)).includes('Found 0 libraries'));
	await done(cli, 'library', 'publish');
	await cli.run(['library', 'delete', name]);
	assert.ok((await done(cli, 'library', 'search', name)).includes(`${name} 1.0.0`));
});

test('releases of Device OS are told and downloaded', async (t) => {
	const { me, cli } = await maker(t);
	cli.folder = folder(t, { name: 'project', version: '0.0.1' });
	writeFileSync(join(cli.folder, 'app.ino'), 'void setup() {}\n');
	const release = await deviceOs(13, { systemVersion: 5800 });
	for (const [name, bytes] of Object.entries(release)) writeFileSync(join(cli.folder, name), bytes);
	const paths = Object.keys(release).map((name) => join(cli.folder, name));
	const version = `5.8.${parseInt(randomBytes(3).toString('hex'), 16)}`;
	mote('device-os', 'add', '--version', version, ...paths);
	t.after(() => mote('device-os', 'remove', '--version', version));
	const unknown = await cli.run(['compile', 'boron', 'app.ino', '--target', '9.9.9']);
	assert.ok(unknown.text.includes('Valid targets') && unknown.text.includes(version), unknown.text);
	// What `particle update` and `particle flash --local` do before they look for a device.
	process.env.HOME = cli.home;
	const ParticleApi = vendor('src/cmd/api.js');
	const { downloadDeviceOsVersionBinaries } = vendor('src/lib/device-os-version-util.js');
	const api = new ParticleApi(process.env.MOTE_URL, { accessToken: me.token });
	const ui = { showBusySpinnerUntilResolved: (_, promise) => promise, stdout: { write: () => true } };
	for (const asked of [undefined, version, 5800]) {
		const got = await downloadDeviceOsVersionBinaries({ api, platformId: 13, version: asked, ui });
		assert.equal(got.length, 2, String(asked));
		for (const path of got) assert.deepEqual(readFileSync(path), release[path.split('/').at(-1)]);
	}
	const of = (platformId) => downloadDeviceOsVersionBinaries({ api, platformId, version, ui });
	await assert.rejects(of(12), /Device OS version not found/);
});
