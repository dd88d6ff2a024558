// particle-api-js, unmodified, with nothing set but the host.

import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { code, device, deviceId, person, product, url } from '../support/cloud.mjs';
import { mote } from '../support/operator.mjs';
import { Server } from '../support/server.mjs';

const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const Particle = require('particle-api-js');

const particle = (more) => new Particle({ baseUrl: url, ...more });
const TOKEN = /^[0-9a-f]{40}$/;

/** That it is refused with this status, and an error of these words. */
const refused = (promise, status, words) =>
	assert.rejects(promise, (error) => {
		assert.equal(error.statusCode, status, error.message);
		assert.match(JSON.stringify(error.body), words);
		return true;
	});

async function signedIn() {
	const me = await person();
	const { body } = await particle().login({ username: me.username, password: me.password });
	return { ...me, auth: body.access_token };
}

test('signing up, in and out', async () => {
	const api = particle();
	const username = `api-${Date.now()}@example.com`;
	const password = 'slow boats to nowhere 9';
	await api.createUser({ username, password, accountInfo: { first_name: 'Ada' } });
	const { body } = await api.login({ username, password });
	assert.match(body.access_token, TOKEN);
	assert.match(body.refresh_token, TOKEN);
	assert.equal(body.expires_in, 7776000);
	assert.equal(body.token_type, 'bearer');
	const auth = body.access_token;
	const me = (await api.getUserInfo({ auth })).body;
	assert.equal(me.username, username);
	assert.equal(me.account_info.first_name, 'Ada');
	assert.equal(me.mfa.enabled, false);
	await refused(api.login({ username, password: 'wrong and long' }), 400, /User credentials are invalid/);
	assert.deepEqual((await api.deleteCurrentAccessToken({ auth })).body, { ok: true });
	await refused(api.getUserInfo({ auth }), 401, /invalid_token/);
});

test('an account changes and ends', async () => {
	const [api, me] = [particle(), await signedIn()];
	await api.setUserInfo({ accountInfo: { last_name: 'Walker' }, auth: me.auth });
	assert.equal((await api.getUserInfo({ auth: me.auth })).body.account_info.last_name, 'Walker');
	const password = 'another river 12 wide';
	await api.changeUserPassword({ currentPassword: me.password, password, auth: me.auth, invalidateTokens: true });
	await refused(api.getUserInfo({ auth: me.auth }), 401, /invalid_token/);
	await refused(api.login({ username: me.username, password: me.password }), 400, /invalid_grant/);
	const { body } = await api.login({ username: me.username, password });
	await api.resetPassword({ username: me.username });
	await api.deleteUser({ auth: body.access_token, password });
	await refused(api.login({ username: me.username, password }), 400, /invalid_grant/);
});

test('another address is the account\'s once the link that was mailed to it is followed', async (t) => {
	const server = await Server.start(t);
	const [api, password] = [particle({ baseUrl: server.url }), 'slow boats to nowhere 9'];
	await api.createUser({ username: 'old@example.com', password });
	const { body: { access_token: auth } } = await api.login({ username: 'old@example.com', password });
	const asked = await api.changeUsername({ currentPassword: password, username: 'new@example.com', auth });
	assert.match(asked.body.message, /the link that updates the user's username is in the server's log/);
	assert.equal((await api.getUserInfo({ auth })).body.username, 'old@example.com');
	const [, token] = await server.logged(/change-address\?token=([0-9a-f]{40})/);
	await api.put({ uri: '/v1/user/username', auth, data: { token } });
	assert.equal((await api.getUserInfo({ auth })).body.username, 'new@example.com');
	await api.login({ username: 'new@example.com', password });
});

test('tokens are deleted one by one and all at once', async () => {
	const [api, me] = [particle(), await signedIn()];
	const { body: other } = await api.login({ username: me.username, password: me.password, tokenDuration: 3600 });
	assert.equal(other.expires_in, 3600);
	await api.deleteAccessToken({ token: other.access_token });
	await refused(api.getUserInfo({ auth: other.access_token }), 401, /invalid_token/);
	await api.deleteActiveAccessTokens({ auth: me.auth });
	await refused(api.getUserInfo({ auth: me.auth }), 401, /invalid_token/);
});

test('a second factor is switched on, asked for, and off', async () => {
	const [api, me] = [particle(), await signedIn()];
	const { body: begun } = await api.enableMfa({ auth: me.auth });
	assert.match(begun.qr_url, /^data:image|^otpauth:|^https?:/);
	const done = await api.confirmMfa({ mfaToken: begun.mfa_token, otp: code(begun.secret, -1), auth: me.auth });
	assert.equal(done.body.enrolled, true);
	const error = await particle().login({ username: me.username, password: me.password }).catch((refusal) => refusal);
	assert.equal(error.statusCode, 403);
	assert.equal(error.body.error, 'mfa_required');
	const mfaToken = error.body.mfa_token;
	await refused(api.sendOtp({ mfaToken, otp: '000000' }), 400, /invalid_grant/);
	const otp = code(begun.secret);
	const { body } = await api.sendOtp({ mfaToken, otp });
	assert.match(body.access_token, TOKEN);
	await refused(api.sendOtp({ mfaToken, otp }), 400, /invalid_grant/);
	assert.equal((await api.getUserInfo({ auth: body.access_token })).body.mfa.enabled, true);
	await api.disableMfa({ auth: body.access_token, currentPassword: me.password });
	assert.equal((await api.getUserInfo({ auth: body.access_token })).body.mfa.enabled, false);
});

test('devices are claimed, listed, renamed and let go', async () => {
	const [api, me] = [particle(), await signedIn()];
	const { auth } = me;
	const id = await device(await product({ ...me, token: auth }));
	assert.deepEqual((await api.listDevices({ auth })).body, []);
	const claimed = (await api.claimDevice({ deviceId: id, auth })).body;
	assert.deepEqual([claimed.ok, claimed.claimed], [true, true]);
	await api.renameDevice({ deviceId: id, name: 'porch', auth });
	await api.setDeviceNotes({ deviceId: id, notes: 'by the door', auth });
	const [listed] = (await api.listDevices({ auth })).body;
	assert.deepEqual([listed.id, listed.name, listed.notes, listed.connected], [id, 'porch', 'by the door', false]);
	assert.equal((await api.getDevice({ deviceId: 'porch', auth })).body.id, id);
	await refused(api.callFunction({ deviceId: id, name: 'blink', argument: 'on', auth }), 408, /not connected/);
	await refused(api.getVariable({ deviceId: id, name: 'light', auth }), 408, /not connected/);
	await refused(api.claimDevice({ deviceId: 'f'.repeat(24), auth }), 404, /device not found/);
	const stranger = await signedIn();
	await refused(api.claimDevice({ deviceId: id, auth: stranger.auth }), 403, /belongs to someone else/);
	await refused(api.getDevice({ deviceId: id, auth: stranger.auth }), 404, /not found/);
	await api.removeDevice({ deviceId: id, auth });
	assert.deepEqual((await api.listDevices({ auth })).body, []);
});

test('OAuth clients of an account', async () => {
	const [api, { auth }] = [particle(), await signedIn()];
	const { client } = (await api.createOAuthClient({ name: 'My App', type: 'web', redirect_uri: 'https://app.example/back', auth })).body;
	assert.match(client.id, /^my-app-\d{4}$/);
	assert.match(client.secret, TOKEN);
	const { clients } = (await api.listOAuthClients({ auth })).body;
	assert.deepEqual(clients.map(({ id, secret }) => [id, secret]), [[client.id, undefined]]);
	await api.updateOAuthClient({ clientId: client.id, name: 'Our App', auth });
	assert.equal((await api.listOAuthClients({ auth })).body.clients[0].name, 'Our App');
	await api.deleteOAuthClient({ clientId: client.id, auth });
	assert.deepEqual((await api.listOAuthClients({ auth })).body.clients, []);
});

test('the walk: a client of a product mints a token that opens the product and nothing else', async () => {
	const [api, me] = [particle(), await signedIn()];
	const of = await product({ ...me, token: me.auth });
	const made = await api.createOAuthClient({ name: 'Server', type: 'installed', product: of.id, auth: me.auth });
	const { id: clientId, secret: clientSecret } = made.body.client;
	const { body } = await particle({ clientId, clientSecret }).loginAsClientOwner();
	const auth = body.access_token;
	assert.match(auth, TOKEN);
	for (const key of [of.id, of.slug]) {
		const { product: shown } = (await api.getProduct({ product: key, auth })).body;
		assert.deepEqual([shown.id, shown.slug], [of.id, of.slug]);
	}
	const id = await device(of);
	const listed = (await api.listDevices({ product: of.slug, perPage: 10, auth })).body;
	assert.deepEqual(listed.devices.map((one) => one.id), [id]);
	await api.addDeviceToProduct({ product: of.id, deviceId: 'e'.repeat(24), auth });
	await api.renameDevice({ product: of.id, deviceId: id, name: 'unit 1', auth });
	assert.equal((await api.getDevice({ product: of.id, deviceId: id, auth })).body.name, 'unit 1');
	await api.removeDevice({ product: of.id, deviceId: id, auth });
	await refused(api.listDevices({ auth }), 403, /Permission denied/);
	const theirs = await product(await person());
	await refused(api.getProduct({ product: theirs.id, auth }), 403, /Permission denied/);
	await api.deleteOAuthClient({ clientId, product: of.id, auth: me.auth });
	await refused(api.getProduct({ product: of.id, auth }), 401, /invalid_token/);
});

test('a customer signs up and in with an app, and owns devices of the product', async () => {
	const [me, of] = [await signedIn(), await product(await person())];
	const [clientId, clientSecret] = [of.client.id, of.client.secret];
	const app = particle({ clientId, clientSecret });
	const customer = { username: `jane-${Date.now()}@example.com`, password: 'slow boats to nowhere 9' };
	const made = await app.createCustomer({ email: customer.username, password: customer.password, product: of.slug });
	assert.equal(made.statusCode, 201);
	assert.match(made.body.access_token, TOKEN);
	assert.equal(made.body.expires_in, 7776000);
	const again = app.createCustomer({ email: customer.username, password: customer.password, product: of.id });
	await refused(again, 409, /already/);
	const { access_token: auth } = (await app.login(customer)).body;
	const id = await device(of);
	assert.equal((await app.claimDevice({ deviceId: id, auth })).body.claimed, true);
	assert.deepEqual((await app.listDevices({ auth })).body.map((one) => [one.id, one.owner]), [[id, customer.username]]);
	for (const where of [{}, { product: of.id }]) {
		const { claim_code, device_ids } = (await app.getClaimCode({ ...where, auth })).body;
		assert.equal(claim_code.length, 63);
		assert.deepEqual(device_ids, [id]);
	}
	const iccid = '8934076500002589174';
	assert.equal((await app.getClaimCode({ iccid, auth })).body.claim_code, iccid);
	const { customers } = (await app.listDevices({ product: of.id, auth: of.token })).body;
	assert.deepEqual(customers.map((one) => one.username), [customer.username]);
	await refused(app.getProduct({ product: of.id, auth }), 403, /Permission denied/);
	await refused(app.getUserInfo({ auth }), 403, /Permission denied/);
	await refused(particle().login(customer), 400, /User credentials are invalid/);
	await refused(app.login({ username: me.username, password: me.password }), 400, /User credentials are invalid/);
	await app.removeDevice({ deviceId: id, auth });
	assert.deepEqual((await app.listDevices({ auth })).body, []);
});

test('the team of a product', async () => {
	const [api, me] = [particle(), await signedIn()];
	const of = await product({ ...me, token: me.auth });
	const username = `new+${Date.now()}@example.com`;
	const { invited } = (await api.inviteTeamMember({ username, product: of.slug, auth: me.auth })).body;
	assert.equal(invited.username, username);
	const { team, invitations } = (await api.listTeamMembers({ product: of.id, auth: me.auth })).body;
	assert.deepEqual(team.map((one) => [one.username, one.no_mfa]), [[me.username, true]]);
	assert.deepEqual(invitations.map((one) => [one.username, one.role]), [[username, 'View-only']]);
	await api.removeTeamMember({ username, product: of.id, auth: me.auth });
	await refused(api.removeTeamMember({ username, product: of.id, auth: me.auth }), 404, /nobody of this name/);
	await refused(api.removeTeamMember({ username: me.username, product: of.id, auth: me.auth }), 409, /last Owner/);
	const stranger = await signedIn();
	await refused(api.listTeamMembers({ product: of.id, auth: stranger.auth }), 403, /Permission denied/);
	const scopes = ['devices:list', 'teams.users:list'];
	const data = { friendly_name: 'program', scopes };
	const made = await api.post({ uri: `/v1/products/${of.id}/team`, data, auth: me.auth });
	const [{ token: auth }] = made.body.created.tokens;
	assert.match(auth, TOKEN);
	assert.deepEqual((await api.listDevices({ product: of.id, auth })).body.devices, []);
	await refused(api.getProduct({ product: of.id, auth }), 403, /products:get/);
	const program = (await api.listTeamMembers({ product: of.id, auth })).body.team.at(-1);
	assert.deepEqual([program.is_programmatic, program.scopes], [true, scopes]);
	await api.removeTeamMember({ username: program.username, product: of.id, auth: me.auth });
	await refused(api.listDevices({ product: of.id, auth }), 401, /invalid_token/);
});

test('a device lets go of its protection for a while', async () => {
	const { token: user } = await person();
	const [api, id] = [particle(), deviceId()];
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	await api.sendPublicKey({ deviceId: id, key: publicKey.export({ type: 'spki', format: 'pem' }), algorithm: 'ecc', auth: user });
	await api.claimDevice({ deviceId: id, auth: user });
	const unprotect = async (step) => (await api.unprotectDevice({ deviceId: id, auth: user, ...step })).body;
	const { server_nonce: serverNonce } = await unprotect({ action: 'prepare' });
	// What the device does (Device OS, `system_control_config.cpp`), which here has no USB.
	const sized = (bytes) => Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
	const message = (word, ...values) => Buffer.concat([Buffer.from(word), Buffer.from(id, 'hex'), ...values.map(sized)]);
	const fingerprint = (key) => createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest();
	const [ofServer, ofDevice] = [Buffer.from(serverNonce, 'base64'), randomBytes(32)];
	const answer = {
		serverNonce,
		deviceNonce: ofDevice.toString('base64'),
		deviceSignature: sign('sha256', message('device', ofDevice, ofServer), privateKey).toString('base64'),
		devicePublicKeyFingerprint: fingerprint(publicKey).toString('base64'),
	};
	const confirmed = await unprotect({ action: 'confirm', ...answer });
	const serverKey = createPublicKey(mote('device-server-key'));
	assert.equal(confirmed.server_public_key_fingerprint, fingerprint(serverKey).toString('base64'));
	const signed = message('server', ofServer, ofDevice, fingerprint(publicKey));
	assert.ok(verify('sha256', signed, serverKey, Buffer.from(confirmed.server_signature, 'base64')));
	const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
	const stranger = { action: 'confirm', ...answer, devicePublicKeyFingerprint: fingerprint(other).toString('base64') };
	await assert.rejects(unprotect(stranger), /Device public key was not found/);
});
