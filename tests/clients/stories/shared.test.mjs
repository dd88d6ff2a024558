// The methods of particle-api-js for what makers share and what the operator has for all of them: libraries, releases of
// Device OS.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { person, url } from '../support/cloud.mjs';
import { deviceOs } from '../support/firmware.mjs';
import { archive } from '../support/library.mjs';
import { mote } from '../support/operator.mjs';

const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const Particle = require('particle-api-js');
const { HalModuleParser } = require('binary-version-reader');

const api = new Particle({ baseUrl: url });

test('libraries', async () => {
	const [{ token: user }, { token: auth }] = [await person(), await person()];
	const name = `Blink${Math.random().toString(36).slice(2)}`;
	const library = { name, version: '1.0.0', more: 'architectures=boron\ncategory=Sensors\n' };
	const made = (await api.contributeLibrary({ archive: await archive(library), auth: user })).body.data;
	assert.deepEqual([made.id, made.attributes.version, made.attributes.visibility], [name, '1.0.0', 'private']);
	const bytes = await api.downloadFile({ uri: made.links.download });
	assert.deepEqual(Buffer.from(bytes), await archive(library));
	await assert.rejects(api.getLibrary({ name, auth }), { statusCode: 404 });
	assert.equal((await api.publishLibrary({ name, auth: user })).body.data.attributes.visibility, 'public');
	assert.equal((await api.getLibrary({ name, version: '1.0.0', auth })).body.data.attributes.mine, false);
	const query = {
		page: 1, limit: 5, filter: name, sort: 'official,-name', architectures: ['boron', 'argon'], category: 'sensors',
		scope: 'public', excludeScopes: ['mine', 'official'], auth,
	};
	assert.deepEqual((await api.listLibraries(query)).body.data.map((one) => one.id), [name]);
	assert.deepEqual((await api.listLibraries({ ...query, auth: user })).body.data, []);
	await api.contributeLibrary({ archive: await archive({ name, version: '1.1.0' }), auth: user });
	const versions = async (token) => (await api.getLibraryVersions({ name, page: 1, limit: 10, auth: token })).body.data;
	assert.deepEqual((await versions(user)).map((one) => one.attributes.version), ['1.1.0', '1.0.0']);
	assert.deepEqual((await versions(auth)).map((one) => one.attributes.version), ['1.0.0']);
	await assert.rejects(api.deleteLibrary({ name, force: 'xyz', auth: user }), { statusCode: 409 });
	const another = `${name}Too`;
	await api.contributeLibrary({ archive: await archive({ name: another, version: '1.0.0' }), auth: user });
	await api.deleteLibrary({ name: another, force: 'xyz', auth: user });
	// As the CLI's client has them, who prints the messages of a refusal.
	const wrapped = api.client({ auth: user });
	const broken = wrapped.contributeLibrary(await archive({ name: 'no name', version: '1.0.0' }));
	await assert.rejects(broken, /has a name that is not one/);
	const [first] = await wrapped.libraries({ filter: name });
	assert.equal(first.version, '1.1.0');
	assert.ok((await first.download()).length > 0);
});

test('releases of Device OS', async () => {
	const { token: auth } = await person();
	const list = (more) => api.listDeviceOsVersions({ platformId: 13, page: 1, perPage: 100, auth, ...more });
	assert.deepEqual((await list()).body.versions, []);
	const place = mkdtempSync(join(tmpdir(), 'mote-device-os-'));
	const release = await deviceOs(13, { systemVersion: 6200 });
	for (const [name, bytes] of Object.entries(release)) writeFileSync(join(place, name), bytes);
	mote('device-os', 'add', '--version', '6.2.0', ...Object.keys(release).map((name) => join(place, name)));
	rmSync(place, { recursive: true });
	const [told] = (await list({ internalVersion: 6200 })).body.versions;
	assert.deepEqual([told.version, told.internal_version, told.release_state], ['6.2.0', 6200, 'ga']);
	const { body } = await api.getDeviceOsVersion({ version: 'latest', platformId: 13, auth });
	for (const { filename, prefixInfo, suffixInfo, crc } of body.modules) {
		const bytes = Buffer.from(await api.downloadFile({ uri: `${body.base_url}/${filename}` }));
		assert.deepEqual(bytes, release[filename]);
		// The vendor's own reader sees in it what was told of it, but for words in place of numbers.
		const read = await new HalModuleParser().parseBuffer({ fileBuffer: bytes });
		assert.deepEqual(crc, read.crc);
		for (const key of ['moduleStartAddy', 'moduleEndAddy', 'moduleVersion', 'platformID', 'moduleIndex', 'prefixOffset']) {
			assert.equal(prefixInfo[key], read.prefixInfo[key], key);
		}
		for (const key of Object.keys(suffixInfo)) assert.equal(suffixInfo[key], read.suffixInfo[key], key);
	}
	await assert.rejects(api.getDeviceOsVersion({ version: '6.2.0', platformId: 12, auth }), { statusCode: 404 });
});
