// Every method of particle-api-js that this server has the other half of, called once as its documentation says, unmodified,
// with nothing set but the host. What is told elsewhere (`api`, `shared`) is not told again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { call, device, deviceId, person, product, url } from '../support/cloud.mjs';
import { firmware } from '../support/firmware.mjs';

const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const Particle = require('particle-api-js');

const particle = (more) => new Particle({ baseUrl: url, ...more });

/** A product with a device in it, and what its owner and its server hold. */
async function workshop() {
	const me = await person();
	const of = await product(me);
	return { api: particle(), me, of, auth: of.token, user: me.token, id: await device(of) };
}

/** An organization of somebody's. */
async function organization(owner) {
	const name = `Makers ${Math.random().toString(36).slice(2)}`;
	const made = await call('POST', '/v1/orgs', { token: owner.token, json: { name } });
	return made.organization.slug;
}

test('who somebody is', async () => {
	const { api, me, user } = await workshop();
	const { body } = await api.trackingIdentity({ full: true, auth: user });
	assert.equal(body.email, me.username);
	assert.equal((await api.trackingIdentity({ auth: user })).statusCode, 200);
});

test('products, by everybody who may list them', async () => {
	const { api, of, user } = await workshop();
	const { products } = (await api.listProducts({ auth: user })).body;
	assert.deepEqual(products.map((one) => one.id), [of.id]);
	assert.equal((await api.getProduct({ product: of.slug, auth: user })).body.product.id, of.id);
});

test('customers are made by a client of the product', async () => {
	const { of } = await workshop();
	const api = particle({ clientId: of.client.id, clientSecret: of.client.secret });
	const { body } = await api.createCustomer({ email: 'jane@example.com', password: 'quiet rivers run', product: of.id });
	assert.match(body.access_token, /^[0-9a-f]{40}$/);
	const claim = (await particle().getClaimCode({ auth: body.access_token })).body;
	assert.match(claim.claim_code, /^[A-Za-z0-9+/=_-]{63,}$/);
	assert.deepEqual(claim.device_ids, []);
});

test('claim codes of accounts and products', async () => {
	const { api, of, user } = await workshop();
	assert.ok((await api.getClaimCode({ auth: user })).body.claim_code);
	assert.ok((await api.getClaimCode({ product: of.id, auth: user })).body.claim_code);
});

test('devices of a product are changed in every way there is', async () => {
	const { api, of, auth, user, id } = await workshop();
	await api.claimDevice({ deviceId: id, auth: user });
	await api.removeDeviceOwner({ deviceId: id, product: of.id, auth });
	await api.updateDevice({ deviceId: id, name: 'unit', notes: 'shelf 3', product: of.id, auth });
	await api.markAsDevelopmentDevice({ deviceId: id, development: true, product: of.id, auth });
	const marked = (await api.getDevice({ deviceId: id, product: of.id, auth })).body;
	assert.deepEqual([marked.name, marked.notes, marked.development], ['unit', 'shelf 3', true]);
	await api.markAsDevelopmentDevice({ deviceId: id, development: false, product: of.id, auth });
	await assert.rejects(api.signalDevice({ deviceId: id, signal: true, product: of.id, auth }), { statusCode: 408 });
	await api.addDeviceToProduct({ product: of.id, file: Buffer.from(`${deviceId()}\n${deviceId()}\n`), auth });
	assert.equal((await api.listDevices({ product: of.id, auth })).body.devices.length, 3);
	await api.removeDevice({ deviceId: id, product: of.id, deny: true, auth });
});

test('a device is made in a product that lets everybody do so', async () => {
	const { api, of, auth, user } = await workshop();
	await assert.rejects(api.provisionDevice({ productId: of.id, auth: user }), { statusCode: 403 });
	await call('PUT', `/v1/products/${of.id}`, { token: auth, json: { settings: { self_provisioning: true } } });
	const { body } = await api.provisionDevice({ productId: of.id, auth: user });
	assert.equal((await api.getDevice({ deviceId: body.id, auth: user })).body.product_id, of.id);
});

test('a public key is sent', async () => {
	const { api, user, id } = await workshop();
	await api.claimDevice({ deviceId: id, auth: user });
	const { generateKeyPairSync } = await import('node:crypto');
	const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const key = publicKey.export({ type: 'spki', format: 'pem' });
	await api.sendPublicKey({ deviceId: id, key, algorithm: 'ecc', auth: user });
});

test('firmware is uploaded, edited, downloaded, released and locked to', async () => {
	const { api, of, auth, id } = await workshop();
	const file = firmware({ platform: 13, product: of.id, version: 3 });
	const upload = { product: of.id, file, version: 3, title: 'Three', description: 'the third', auth };
	assert.equal((await api.uploadProductFirmware(upload)).body.version, 3);
	assert.deepEqual((await api.listProductFirmware({ product: of.id, auth })).body.map((one) => one.version), [3]);
	await api.updateProductFirmware({ product: of.id, version: 3, title: 'Drei', auth });
	assert.equal((await api.getProductFirmware({ product: of.id, version: 3, auth })).body.title, 'Drei');
	const bytes = await api.downloadProductFirmware({ product: of.id, version: 3, auth });
	assert.deepEqual(Buffer.from(bytes), file);
	await api.lockDeviceProductFirmware({ product: of.id, deviceId: id, desiredFirmwareVersion: 3, flash: false, auth });
	const locked = (await api.getDevice({ product: of.id, deviceId: id, auth })).body;
	assert.deepEqual([locked.desired_firmware_version, locked.targeted_firmware_release_version], [3, 3]);
	await api.unlockDeviceProductFirmware({ product: of.id, deviceId: id, auth });
	const unlocked = (await api.getDevice({ product: of.id, deviceId: id, auth })).body;
	assert.equal(unlocked.desired_firmware_version, null);
	await call('POST', `/v1/products/${of.id}/groups`, { token: auth, json: { name: 'beta' } });
	const release = { product: of.id, version: 3, product_default: false, groups: ['beta'], intelligent: false, auth };
	assert.equal((await api.releaseProductFirmware(release)).statusCode < 300, true);
});

test('a team', async () => {
	const { api, of, user } = await workshop();
	const other = await person();
	await api.inviteTeamMember({ username: other.username, product: of.id, auth: user });
	assert.ok((await api.listTeamMembers({ product: of.id, auth: user })).body.team.length >= 1);
	await api.removeTeamMember({ username: other.username, product: of.id, auth: user });
});

test('configuration and its schema', async () => {
	const { api, of, auth, id } = await workshop();
	const schema = { type: 'object', properties: { pump: { type: 'object', properties: { on: { type: 'boolean' } } } } };
	const headers = { 'content-type': 'application/schema+json' };
	await fetch(`${url}/v1/products/${of.id}/config`, {
		method: 'PUT', headers: { ...headers, authorization: `Bearer ${auth}` }, body: JSON.stringify(schema),
	});
	assert.ok((await api.getProductConfigurationSchema({ product: of.id, auth })).body);
	await api.setProductConfiguration({ product: of.id, config: { pump: { on: true } }, auth });
	assert.ok((await api.getProductConfiguration({ product: of.id, auth })).body.configuration);
	await call('PUT', `/v1/products/${of.id}/devices/${id}`, { token: auth, json: { development: true } });
	assert.ok((await api.getProductDeviceConfigurationSchema({ product: of.id, deviceId: id, auth })).body);
	await api.setProductDeviceConfiguration({ product: of.id, deviceId: id, config: { pump: { on: false } }, auth });
	assert.ok((await api.getProductDeviceConfiguration({ product: of.id, deviceId: id, auth })).body.configuration);
});

test('locations', async () => {
	const { api, of, auth, id } = await workshop();
	const loc = { lck: 1, time: Math.floor(Date.now() / 1000), lat: 37.5, lon: -122.3, alt: 10, hd: 0, h_acc: 5, v_acc: 5 };
	const data = JSON.stringify({ cmd: 'loc', time: loc.time, loc, trig: ['time'], req_id: 1 });
	await call('POST', `/v1/products/${of.id}/events`, { token: auth, json: { name: 'loc', data, as_device_id: id } });
	const fleet = (await api.getProductLocations({ product: of.id, page: 1, perPage: 10, auth })).body;
	assert.equal(fleet.locations.length, 1);
	const dateRange = `${new Date(Date.now() - 3_600_000).toISOString()},${new Date(Date.now() + 60_000).toISOString()}`;
	const one = (await api.getProductDeviceLocations({ product: of.id, deviceId: id, dateRange, auth })).body;
	assert.equal(one.location.device_id, id);
});

test('SIM cards', async () => {
	const { api, of, auth, user } = await workshop();
	const iccid = `8934076500${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
	const card = iccid + luhn(iccid);
	// A card that nobody has may be taken; one of somebody's may not.
	assert.equal((await api.checkSIM({ iccid: card, auth: user })).statusCode, 204);
	await call('POST', `/v1/products/${of.id}/sims`, { token: auth, json: { sims: [card] } });
	const { sims } = (await api.listSIMs({ product: of.id, auth })).body;
	assert.equal(sims.length, 1);
	await assert.rejects(api.checkSIM({ iccid: card, auth: user }), { statusCode: 403 });
	assert.ok((await api.getSIMDataUsage({ iccid: card, product: of.id, auth })).body);
	assert.ok((await api.getFleetDataUsage({ product: of.id, auth })).body);
	await api.listSIMs({ auth: user });
	await api.removeSIM({ iccid: card, product: of.id, auth });
});

/** The last digit of a card's number (ISO/IEC 7812). */
function luhn(digits) {
	const sum = [...digits].reverse().reduce((total, digit, place) => {
		const doubled = place % 2 === 0 ? digit * 2 : Number(digit);
		return total + (doubled > 9 ? doubled - 9 : doubled);
	}, 0);
	return String((10 - (sum % 10)) % 10);
}

test('webhooks and integrations, of account, product and organization', async () => {
	const { api, me, of, user, auth } = await workshop();
	const org = await organization(me);
	const made = (await api.createWebhook({ event: 'hot', url: 'https://samplesite.example', hook: { method: 'PUT' }, auth: user })).body;
	assert.equal(made.ok, true);
	assert.deepEqual((await api.listWebhooks({ auth: user })).body.map((one) => one.id), [made.id]);
	await api.deleteWebhook({ hookId: made.id, auth: user });
	for (const place of [{ auth: user }, { product: of.id, auth }, { org, auth: user }]) {
		const settings = { integration_type: 'Webhook', url: 'https://samplesite.example', requestType: 'POST' };
		const { id } = (await api.createIntegration({ event: 'cold', settings, ...place })).body;
		await api.editIntegration({ integrationId: id, event: 'warm', settings, ...place });
		assert.deepEqual((await api.listIntegrations({ ...place })).body.map((one) => one.event), ['warm']);
		await api.deleteIntegration({ integrationId: id, ...place });
	}
});

test('ledgers, of account and organization', async () => {
	const { api, me, user } = await workshop();
	const org = await organization(me);
	for (const place of [{ auth: user }, { org, auth: user }]) {
		const scope = 'Owner';
		const ledgerName = place.org ? 'settings-of-all' : 'settings';
		const ledger = { name: ledgerName, scope, direction: 'Downstream', description: 'what devices read' };
		await api.createLedger({ ledger, ...place });
		assert.equal((await api.getLedger({ ledgerName, ...place })).body.ledger.name, ledgerName);
		await api.updateLedger({ ledgerName, ledger: { description: 'more' }, ...place });
		assert.equal((await api.listLedgers({ page: 1, perPage: 10, ...place })).body.ledgers.length, 1);
		const scopeValue = await scopeOf(me, place.org);
		const set = (data, setMode) => api.setLedgerInstance({ ledgerName, scopeValue, instance: { data }, setMode, ...place });
		await set({ a: 1 }, 'Replace');
		await set({ b: 2 }, 'Merge');
		const { instance } = (await api.getLedgerInstance({ ledgerName, scopeValue, ...place })).body;
		assert.deepEqual(instance.data, { a: 1, b: 2 });
		assert.equal((await api.listLedgerInstances({ ledgerName, page: 1, perPage: 10, ...place })).body.instances.length, 1);
		const { versions } = (await api.listLedgerInstanceVersions({ ledgerName, scopeValue, ...place })).body;
		assert.ok(versions.length >= 1);
		const { updated_at: version } = versions.at(-1);
		assert.ok((await api.getLedgerInstanceVersion({ ledgerName, scopeValue, version, ...place })).body.instance);
		await api.deleteLedgerInstance({ ledgerName, scopeValue, ...place });
		await api.archiveLedger({ ledgerName, ...place });
	}
});

/** What an owner's ledger is about: the account's ID, or the organization's. */
async function scopeOf(me, org) {
	if (org) return (await call('GET', `/v1/orgs/${org}`, { token: me.token })).organization.id;
	return (await call('GET', '/v1/user', { token: me.token })).id;
}

test('environment variables, of account, product, organization and device', async () => {
	const { api, me, of, user, auth, id } = await workshop();
	const org = await organization(me);
	await api.claimDevice({ deviceId: id, auth: user });
	const places = [{ sandbox: true, auth: user }, { product: of.id, auth }, { org, auth: user }, { deviceId: id, auth: user }];
	for (const place of places) {
		await api.setEnvVar({ key: 'COLOR', value: 'blue', ...place });
		await api.updateEnvVars({ ops: [{ op: 'Set', key: 'SIZE', value: 'XL' }, { op: 'Unset', key: 'COLOR' }], ...place });
		const { body } = await api.listEnvVars(place);
		assert.deepEqual(Object.keys(body.latest.own), ['SIZE'], JSON.stringify(body));
		assert.ok((await api.renderEnvVars(place)).body);
		assert.ok((await api.reviewEnvVarsRollout(place)).body);
		assert.ok((await api.startEnvVarsRollout({ when: 'Connect', ...place })).body);
		await api.deleteEnvVar({ key: 'SIZE', ...place });
	}
});

test('a serial number that nobody knows', async () => {
	const { api, user } = await workshop();
	await assert.rejects(api.lookupSerialNumber({ serialNumber: 'P046AF450004QQQ', auth: user }), { statusCode: 404 });
});

test('any address, and what a whole client is told once', async () => {
	const { me, of, user, auth } = await workshop();
	const api = particle({ auth: user });
	api.setContext('tool', { name: 'stories', version: '1.0.0' });
	assert.equal((await api.getUserInfo({})).body.username, me.username);
	api.setDefaultAuth(auth);
	assert.equal((await api.getProduct({ product: of.id })).body.product.id, of.id);
	const uri = `/v1/products/${of.id}`;
	assert.equal((await api.get({ uri })).body.product.id, of.id);
	const card = '893407650000123456';
	assert.equal((await api.head({ uri: `/v1/sims/${card}${luhn(card)}`, auth: user })).statusCode, 204);
	const renamed = await api.put({ uri, data: { product: { description: 'told by put' } } });
	assert.equal(renamed.body.product.description, 'told by put');
	const group = { uri: `${uri}/groups`, data: { name: 'told' } };
	assert.equal((await api.post(group)).body.group.name, 'told');
	await api.patch({ uri: `${uri}/env`, data: { ops: [{ op: 'Set', key: 'SIZE', value: 'XL' }] } });
	assert.equal((await api.request({ method: 'get', uri: `${uri}/groups/told` })).body.group.name, 'told');
	await api.delete({ uri: `${uri}/groups/told` });
	const document = await api.downloadFile({ uri: `${url}/openapi.json` });
	assert.equal(JSON.parse(Buffer.from(document).toString()).info.title, 'Mote');
	const wrapped = particle().client({ auth: user });
	assert.deepEqual((await wrapped.listDevices()).body, []);
	const elsewhere = new Particle({ baseUrl: 'http://127.0.0.1:9' });
	elsewhere.setBaseUrl(url);
	assert.equal((await elsewhere.getUserInfo({ auth: user })).body.username, me.username);
});

/** What is not called anywhere, and why. */
const LEFT = {
	'compilation in the cloud is not built': ['compileCode', 'downloadFirmwareBinary', 'listBuildTargets'],
	'Logic is not built': [
		'executeLogic', 'createLogicFunction', 'getLogicFunction', 'updateLogicFunction', 'deleteLogicFunction',
		'listLogicFunctions', 'listLogicRuns', 'getLogicRun', 'getLogicRunLogs',
	],
	'needs the answer of a connected device': ['flashDevice'],
	'fetches what the vendor\'s factory kept of a Tachyon; no request of the API brings it here': ['downloadManufacturingBackup'],
	'sends nothing': ['deviceUri'],
};

test('no method is forgotten', async () => {
	const stories = ['api', 'events', 'methods', 'shared'].map((name) => readFileSync(new URL(`${name}.test.mjs`, import.meta.url), 'utf8'));
	const called = (name) => stories.some((story) => new RegExp(`\\.${name}\\(`).test(story));
	const methods = Object.getOwnPropertyNames(Particle.prototype).filter((name) => name !== 'constructor' && !name.startsWith('_'));
	assert.deepEqual(methods.filter((name) => !called(name)).sort(), Object.values(LEFT).flat().sort());
});
