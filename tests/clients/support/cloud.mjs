// What the stories do around the client under test: plain calls to the server, and the person's authenticator app.

import { createHmac, randomBytes } from 'node:crypto';

/** Where the server is. */
export const url = process.env.MOTE_URL;

export const password = 'quiet rivers run 41 deep';

/** 24 hex digits that no device has yet. */
export const deviceId = () => randomBytes(12).toString('hex');

/** An answer's body; anything but 2xx is thrown. */
export async function call(method, path, { token, basic, json, form } = {}) {
	const headers = {};
	if (token) headers.authorization = `Bearer ${token}`;
	if (basic) headers.authorization = `Basic ${Buffer.from(basic.join(':')).toString('base64')}`;
	if (json) headers['content-type'] = 'application/json';
	const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
	const answer = await fetch(url + path, { method, headers, body });
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return text ? JSON.parse(text) : {};
}

/** A new account, and a token of it. */
export async function person() {
	const username = `${randomBytes(6).toString('hex')}@example.com`;
	await call('POST', '/v1/users', { json: { username, password } });
	const form = { grant_type: 'password', username, password };
	const { access_token: token } = await call('POST', '/oauth/token', { basic: ['particle', 'particle'], form });
	return { username, password, token };
}

/** An organization of somebody's. */
export async function organization(founder) {
	const name = `Organization ${randomBytes(4).toString('hex')}`;
	return (await call('POST', '/v1/orgs', { token: founder.token, json: { name } })).organization;
}

/** A product of somebody's or of an organization, open to its team's own tokens, with the client's token that works for it. */
export async function product(owner, of) {
	const name = `Product ${randomBytes(4).toString('hex')}`;
	const place = of ? `/v1/orgs/${of.slug}/products` : '/v1/products';
	const made = await call('POST', place, { token: owner.token, json: { name, platform_id: 13 } });
	const { id, slug } = made.product;
	const path = `/v1/products/${id}/clients`;
	const { client } = await call('POST', path, { token: owner.token, json: { name: 'stories', type: 'installed' } });
	const grant = { grant_type: 'client_credentials' };
	const { access_token: token } = await call('POST', '/oauth/token', { basic: [client.id, client.secret], form: grant });
	await call('PUT', `/v1/products/${id}`, { token, json: { product: { settings: { team_tokens: true } } } });
	return { id, slug, token, client };
}

/** A device that the server knows, in the product, with no owner. */
export async function device(of) {
	const id = deviceId();
	await call('POST', `/v1/products/${of.id}/devices`, { token: of.token, json: { id } });
	return id;
}

/** The code of an authenticator app (RFC 6238; SHA-1, 6 digits, 30 s), some steps from now. */
export function code(secret, steps = 0) {
	const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
	const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
	const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
	const mac = createHmac('sha1', key).update(counter).digest();
	const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
	return String(number % 1_000_000).padStart(6, '0');
}

/** Switches a person's second factor on; gives the authenticator's secret. */
export async function secondFactor(of) {
	const { mfa_token, secret } = await call('GET', '/v1/user/mfa-enable', { token: of.token });
	await call('POST', '/v1/user/mfa-enable', { token: of.token, json: { mfa_token, otp: code(secret, -1) } });
	return secret;
}
