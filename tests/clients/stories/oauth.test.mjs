// Clients that know OAuth and nothing of Mote, and are strict about it: oauth4webapi and openid-client.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { Browser } from '../support/browser.mjs';
import { call, password, person, product, url } from '../support/cloud.mjs';

const require = createRequire(new URL('../oauth/', import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const oauth = await load('oauth4webapi');
const openid = await load('openid-client');

const issuer = new URL(url);
const insecure = { [oauth.allowInsecureRequests]: true };
const BACK = 'https://app.example.com/callback';

/** The server as its metadata tells it. */
async function server() {
	const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
	return oauth.processDiscoveryResponse(issuer, answer);
}

/** A product's own client, for both ways of proving itself. */
async function machine() {
	const { id, client, token } = await product(await person());
	return { id, token, client: { client_id: client.id }, secret: client.secret };
}

/** A client of type web. */
async function web(owner, path) {
	const json = { name: 'web', type: 'web', redirect_uri: BACK };
	const { client } = await call('POST', path, { token: owner.token, json });
	return { client: { client_id: client.id }, auth: oauth.ClientSecretBasic(client.secret), secret: client.secret };
}

test('oauth4webapi: client credentials, refresh, introspection, revocation', async () => {
	const [as, { id, client, secret }] = [await server(), await machine()];
	for (const auth of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
		let answer = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, insecure);
		const minted = await oauth.processClientCredentialsResponse(as, client, answer);
		assert.match(minted.access_token, /^[0-9a-f]{40}$/);
		assert.equal(minted.expires_in, 7776000);
		assert.equal((await call('GET', `/v1/products/${id}`, { token: minted.access_token })).product.id, id);

		answer = await oauth.refreshTokenGrantRequest(as, client, auth, minted.refresh_token, insecure);
		const next = await oauth.processRefreshTokenResponse(as, client, answer);
		answer = await oauth.introspectionRequest(as, client, auth, next.access_token, insecure);
		const seen = await oauth.processIntrospectionResponse(as, client, answer);
		assert.deepEqual([seen.active, seen.sub, seen.client_id], [true, `product:${id}`, client.client_id]);

		answer = await oauth.revocationRequest(as, client, auth, next.access_token, insecure);
		await oauth.processRevocationResponse(answer);
		answer = await oauth.introspectionRequest(as, client, auth, next.access_token, insecure);
		assert.equal((await oauth.processIntrospectionResponse(as, client, answer)).active, false);
		await assert.rejects(call('GET', `/v1/products/${id}`, { token: next.access_token }), /401/);
	}
});

/** The ways to sign that the server's metadata names, with what makes such keys. */
const SIGNING = {
	RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
	ES256: { name: 'ECDSA', namedCurve: 'P-256' },
	EdDSA: { name: 'Ed25519' },
};

/** A key pair whose public half the client has registered, in PEM or as a JWK. */
async function signer({ id, token, client }, algorithm, { kid, pem } = {}) {
	const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
	const jwk = { ...await crypto.subtle.exportKey('jwk', publicKey), kid };
	const der = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64');
	const text = `-----BEGIN PUBLIC KEY-----\n${der.match(/.{1,64}/g).join('\n')}\n-----END PUBLIC KEY-----\n`;
	const json = { name: 'signed', public_key: pem ? text : jwk };
	await call('POST', `/v1/products/${id}/clients/${client.client_id}/keys`, { token, json });
	return { key: privateKey, kid };
}

test('oauth4webapi: a client signs instead of sending a secret (private_key_jwt)', async () => {
	const as = await server();
	assert.ok(as.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
	for (const [name, algorithm] of Object.entries(SIGNING)) {
		assert.ok(as.token_endpoint_auth_signing_alg_values_supported.includes(name));
		for (const form of [{ pem: true }, { kid: 'first' }]) {
			const own = await machine();
			const [{ client }, key] = [own, await signer(own, algorithm, form)];
			const auth = oauth.PrivateKeyJwt(key);
			let answer = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, insecure);
			const minted = await oauth.processClientCredentialsResponse(as, client, answer);
			assert.equal((await call('GET', `/v1/products/${own.id}`, { token: minted.access_token })).product.id, own.id);
			answer = await oauth.refreshTokenGrantRequest(as, client, auth, minted.refresh_token, insecure);
			const next = await oauth.processRefreshTokenResponse(as, client, answer);
			answer = await oauth.introspectionRequest(as, client, auth, next.access_token, insecure);
			assert.equal((await oauth.processIntrospectionResponse(as, client, answer)).active, true);
			answer = await oauth.revocationRequest(as, client, auth, next.access_token, insecure);
			await oauth.processRevocationResponse(answer);
		}
	}
	const own = await machine();
	await signer(own, SIGNING.ES256);
	const { privateKey } = await crypto.subtle.generateKey(SIGNING.ES256, false, ['sign', 'verify']);
	const stranger = oauth.PrivateKeyJwt(privateKey);
	const answer = await oauth.clientCredentialsGrantRequest(as, own.client, stranger, {}, insecure);
	await assert.rejects(oauth.processClientCredentialsResponse(as, own.client, answer), (error) => error.status === 401);
});

test('openid-client: client credentials with a key instead of a secret', async () => {
	const own = await machine();
	const key = await signer(own, SIGNING.EdDSA, { kid: 'own' });
	const config = await openid.discovery(issuer, own.client.client_id, undefined, openid.PrivateKeyJwt(key), {
		algorithm: 'oauth2', execute: [openid.allowInsecureRequests],
	});
	const minted = await openid.clientCredentialsGrant(config);
	const next = await openid.refreshTokenGrant(config, minted.refresh_token);
	assert.equal((await openid.tokenIntrospection(config, next.access_token)).active, true);
	assert.equal((await call('GET', `/v1/products/${own.id}`, { token: next.access_token })).product.id, own.id);
});

test('oauth4webapi: refusals are in the form of the RFC', async () => {
	const [as, { client, secret }] = [await server(), await machine()];
	const wrong = oauth.ClientSecretBasic('0'.repeat(40));
	let answer = await oauth.clientCredentialsGrantRequest(as, client, wrong, {}, insecure);
	await assert.rejects(oauth.processClientCredentialsResponse(as, client, answer), (error) => {
		// HTTP Basic was used, so that the refusal is a challenge (RFC 6749 section 5.2).
		assert.ok(error instanceof oauth.WWWAuthenticateChallengeError || error.error === 'invalid_client');
		assert.equal(error.status, 401);
		return true;
	});
	const auth = oauth.ClientSecretPost(secret);
	answer = await oauth.refreshTokenGrantRequest(as, client, auth, '0'.repeat(40), insecure);
	await assert.rejects(oauth.processRefreshTokenResponse(as, client, answer), { error: 'invalid_grant', status: 400 });
});

test('oauth4webapi: somebody with an account lets a program act for him', async () => {
	const [as, owner] = [await server(), await person()];
	const { client, auth } = await web(owner, '/v1/clients');
	const verifier = oauth.generateRandomCodeVerifier();
	const state = oauth.generateRandomState();
	const ask = new URL(as.authorization_endpoint);
	ask.search = new URLSearchParams({
		response_type: 'code', client_id: client.client_id, redirect_uri: BACK, state,
		code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
	});
	const [him, browser] = [await person(), new Browser()];
	await browser.signIn(him);
	const page = await browser.see(ask.href);
	const back = await browser.submit(page, '/oauth/authorize', { decision: 'allow' });
	assert.ok(back.href.startsWith(BACK));
	const parameters = oauth.validateAuthResponse(as, client, back, state);
	const trade = () => oauth.authorizationCodeGrantRequest(as, client, auth, parameters, BACK, verifier, insecure);
	const minted = await oauth.processAuthorizationCodeResponse(as, client, await trade());
	assert.equal((await call('GET', '/v1/user', { token: minted.access_token })).username, him.username);
	await assert.rejects(oauth.processAuthorizationCodeResponse(as, client, await trade()), { error: 'invalid_grant' });
	await assert.rejects(call('GET', '/v1/user', { token: minted.access_token }), /401/);

	const denied = await browser.submit(await browser.see(ask.href), '/oauth/authorize', { decision: 'deny' });
	assert.throws(() => oauth.validateAuthResponse(as, client, denied, state), { error: 'access_denied' });
});

test('openid-client: a customer of a product signs in, and his token is renewed', async () => {
	const owner = await person();
	const { id, client: own } = await product(owner);
	const { client, secret } = await web(owner, `/v1/products/${id}/clients`);
	const email = `customer-${Date.now()}@example.com`;
	await call('POST', `/v1/products/${id}/customers`, { basic: [own.id, own.secret], form: { email, password } });
	const config = await openid.discovery(issuer, client.client_id, undefined, openid.ClientSecretBasic(secret), {
		algorithm: 'oauth2', execute: [openid.allowInsecureRequests],
	});
	const pkceCodeVerifier = openid.randomPKCECodeVerifier();
	const expectedState = openid.randomState();
	const ask = openid.buildAuthorizationUrl(config, {
		redirect_uri: BACK, state: expectedState,
		code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
	});
	const browser = new Browser();
	const page = await browser.see(ask.href);
	const back = await browser.submit(page, '/oauth/authorize', { decision: 'allow', username: email, password });
	const minted = await openid.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState });
	assert.deepEqual(await call('GET', '/v1/devices', { token: minted.access_token }), []);
	const next = await openid.refreshTokenGrant(config, minted.refresh_token);
	assert.deepEqual(await call('GET', '/v1/devices', { token: next.access_token }), []);
	const seen = await openid.tokenIntrospection(config, next.access_token);
	assert.deepEqual([seen.active, seen.username], [true, email]);
	await openid.tokenRevocation(config, next.access_token);
	await assert.rejects(call('GET', '/v1/devices', { token: next.access_token }), /401/);
});

test('openid-client: client credentials', async () => {
	const { id, client, secret } = await machine();
	const config = await openid.discovery(issuer, client.client_id, secret, undefined, {
		algorithm: 'oauth2', execute: [openid.allowInsecureRequests],
	});
	const minted = await openid.clientCredentialsGrant(config);
	assert.equal((await call('GET', `/v1/products/${id}`, { token: minted.access_token })).product.id, id);
});
