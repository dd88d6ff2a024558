// Real Device OS binaries: the applications that come with the Particle CLI, made a product's by the vendor's own library.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { call, person, url } from '../support/cloud.mjs';

const folder = new URL('../cli-3.51/node_modules/particle-cli/assets/knownApps/', import.meta.url);
const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const { HalModuleParser, updateModuleSuffix, updateModuleSha256, updateModuleCrc32 } = require('binary-version-reader');

/** Every application, with what the vendor's parser reads of it. */
async function applications() {
	const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.bin'));
	return Promise.all(paths.map(async (path) => {
		const bytes = readFileSync(new URL(path, folder));
		const { prefixInfo: prefix, suffixInfo: suffix } = await new HalModuleParser().parseBuffer({ fileBuffer: bytes });
		return { path, bytes, prefix, suffix };
	}));
}

/** The same application as a version of a product. */
function of(application, productId, productVersion) {
	const bytes = Buffer.from(application.bytes);
	updateModuleSuffix(bytes, { ...application.suffix, productId, productVersion });
	updateModuleSha256(bytes);
	return updateModuleCrc32(bytes);
}

/** A product of a platform, with its client's token. */
async function product(owner, platform) {
	const json = { name: `Platform ${platform}`, platform_id: platform };
	const made = (await call('POST', '/v1/products', { token: owner.token, json })).product;
	const clients = `/v1/products/${made.id}/clients`;
	const { client } = await call('POST', clients, { token: owner.token, json: { name: 'binaries', type: 'installed' } });
	const grant = { basic: [client.id, client.secret], form: { grant_type: 'client_credentials' } };
	return { id: made.id, token: (await call('POST', '/oauth/token', grant)).access_token };
}

async function upload(to, version, bytes) {
	const body = new FormData();
	body.set('version', String(version));
	body.set('title', `Version ${version}`);
	body.set('file', new Blob([bytes]), 'app.bin');
	const headers = { authorization: `Bearer ${to.token}` };
	const answer = await fetch(`${url}/v1/products/${to.id}/firmware`, { method: 'POST', headers, body });
	return { status: answer.status, ...(await answer.json()) };
}

test('applications of every platform are taken as what they are', async () => {
	const owner = await person();
	const [all, products] = [await applications(), new Map()];
	assert.ok(all.length >= 10);
	for (const application of all) {
		const platform = application.prefix.platformID;
		if (!products.has(platform)) products.set(platform, { ...await product(owner, platform), versions: 100 });
		const to = products.get(platform);
		to.versions += 1;
		const bytes = of(application, to.id, to.versions);
		const taken = await upload(to, to.versions, bytes);
		assert.equal(taken.status, 201, `${application.path}: ${JSON.stringify(taken)}`);
		const headers = { authorization: `Bearer ${to.token}` };
		const back = await fetch(`${url}/v1/products/${to.id}/firmware/${to.versions}/binary`, { headers });
		assert.deepEqual(Buffer.from(await back.arrayBuffer()), bytes, application.path);
		// As it came it names no product, but has a version: it fits every product of the platform.
		const { productVersion: version } = application.suffix;
		const asItCame = await upload(to, version, application.bytes);
		assert.equal(asItCame.status, 201, `${application.path}: ${JSON.stringify(asItCame)}`);
		const misnamed = await upload(to, 999, application.bytes);
		assert.match(misnamed.error_description, /was built as version/, application.path);
		bytes[Math.trunc(bytes.length / 2)] ^= 1;
		const damaged = await upload(to, to.versions + 500, bytes);
		assert.match(damaged.error_description, /CRC/, application.path);
	}
	const [boron, argon] = [13, 12].map((platform) => all.find((one) => one.prefix.platformID === platform));
	const wrong = await upload(products.get(13), 7, of(argon, products.get(13).id, 7));
	assert.match(wrong.error_description, /was built for platform 12/);
	const another = await upload(products.get(13), 7, of(boron, products.get(12).id, 7));
	assert.match(another.error_description, /was built for product/);
});
