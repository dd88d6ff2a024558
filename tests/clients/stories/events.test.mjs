// Streams of events, as particle-api-js takes them. Run once for each generation of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { call, device, organization, person, product, url } from '../support/cloud.mjs';
import { Server } from '../support/server.mjs';

const require = createRequire(new URL(`../${process.env.MOTE_CLI}/`, import.meta.url));
const Particle = require('particle-api-js');

const particle = (more) => new Particle({ baseUrl: url, ...more });
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** An open stream, and what comes out of it. */
class Stream {
	static async open(test, api, options) {
		const stream = new Stream();
		stream.source = await api.getEventStream(options);
		test.after(() => {
			// It would come again for ever, and keep the tests with it.
			stream.source.reconnect = () => {};
			stream.source.abort();
			stream.source.stopIdleTimeout();
		});
		stream.heard = [];
		stream.source.on('event', (event) => {
			stream.heard.push(event);
			stream.more?.();
		});
		return stream;
	}

	/** The next events. */
	async take(count) {
		while (this.heard.length < count) await new Promise((resolve) => (this.more = resolve));
		return this.heard.splice(0, count);
	}

	async names(count) {
		return (await this.take(count)).map((event) => event.name);
	}
}

test('an account hears what it publishes', async (t) => {
	const [api, { token: auth }] = [particle(), await person()];
	const all = await Stream.open(t, api, { deviceId: 'mine', auth });
	const some = await Stream.open(t, api, { deviceId: 'mine', name: 'home/a b', auth });
	const prefixed = await Stream.open(t, api, { name: 'home', auth });
	const published = await api.publishEvent({ name: 'home/a b/c', data: '{"t":21,"u":"°C 🌡"}', isPrivate: true, auth });
	assert.deepEqual(published.body, { ok: true });
	await api.publishEvent({ name: 'other', auth });
	for (const stream of [all, some, prefixed]) {
		const [event] = await stream.take(1);
		assert.match(event.published_at, ISO);
		const { published_at: at, ...rest } = event;
		assert.ok(Math.abs(new Date(at) - Date.now()) < 60_000);
		assert.deepEqual(rest, { name: 'home/a b/c', data: '{"t":21,"u":"°C 🌡"}', ttl: 60, coreid: 'api' });
	}
	const [other] = await all.take(1);
	assert.deepEqual([other.name, other.data], ['other', null]);
	assert.deepEqual([some.heard, prefixed.heard], [[], []]);
});

test('large events come whole, whatever they are cut into on the way', async (t) => {
	const [api, { token: auth }] = [particle(), await person()];
	const stream = await Stream.open(t, api, { deviceId: 'mine', auth });
	const data = '🌡°'.repeat(2700);
	for (let number = 0; number < 40; number += 1) await api.publishEvent({ name: `n/${number}`, data, auth });
	const events = await stream.take(40);
	assert.deepEqual(events.map((event) => event.name), Array.from({ length: 40 }, (_, number) => `n/${number}`));
	assert.ok(events.every((event) => event.data === data));
});

test('a device, its product and its owner hear its events', async (t) => {
	const [api, me] = [particle(), await person()];
	const of = await product(me);
	const [id, other] = [await device(of), await device(of)];
	await api.claimDevice({ deviceId: id, auth: me.token });
	await api.renameDevice({ deviceId: id, name: 'hall', auth: me.token });
	const streams = [
		await Stream.open(t, api, { deviceId: 'mine', auth: me.token }),
		await Stream.open(t, api, { deviceId: id, name: 'temp', auth: me.token }),
		await Stream.open(t, api, { deviceId: 'hall', auth: me.token }),
		await Stream.open(t, api, { product: of.slug, deviceId: id, auth: of.token }),
		await Stream.open(t, api, { product: of.id, name: 'temp', auth: of.token }),
	];
	for (const as_device_id of [other, id]) {
		await call('POST', `/v1/products/${of.id}/events`, { token: of.token, json: { name: 'temp', data: '1', as_device_id } });
	}
	await api.publishEvent({ name: 'temp/all', product: of.slug, auth: of.token });
	for (const stream of streams.slice(0, 4)) {
		const [event] = await stream.take(1);
		assert.deepEqual([event.name, event.coreid], ['temp', id]);
	}
	const heard = await streams[4].take(3);
	assert.deepEqual(heard.map((event) => event.coreid), [other, id, 'api']);
	assert.ok(heard.every((event) => event.productID === of.id));
});

test('an organization hears its products', async (t) => {
	const [api, me] = [particle(), await person()];
	const org = await organization(me);
	const of = await product(me, org);
	const stream = await Stream.open(t, api, { org: org.slug, auth: me.token });
	await api.publishEvent({ name: 'of-product', product: of.id, auth: of.token });
	await call('POST', `/v1/orgs/${org.slug}/events`, { token: me.token, json: { name: 'of-organization', data: 'x' } });
	assert.deepEqual(await stream.names(2), ['of-product', 'of-organization']);
});

test('a token that is not good is told so at once', async () => {
	const open = particle().getEventStream({ deviceId: 'mine', auth: 'f'.repeat(40) });
	await assert.rejects(open, (error) => {
		assert.equal(error.statusCode, 401);
		assert.match(error.errorDescription, /The access token provided is invalid/);
		return true;
	});
	await assert.rejects(particle().getEventStream({ deviceId: 'mine' }), (error) => error.statusCode === 401);
});

test('a stream ends within a second when its token is revoked', async (t) => {
	const [api, { token: auth }] = [particle(), await person()];
	const { source } = await Stream.open(t, api, { deviceId: 'mine', auth });
	const began = Date.now();
	const ended = once(source, 'disconnect');
	await api.deleteAccessToken({ token: auth });
	await ended;
	assert.ok(Date.now() - began < 1000);
	// It comes again, as it does after every end, and is not let in.
	const [error] = await once(source, 'reconnect-error');
	assert.equal(error.statusCode, 401);
});

test('a quiet stream stays, one of a paused server does not, and a stopped one is found again', async (t) => {
	const server = await Server.start(t);
	const [api, me] = [particle({ baseUrl: server.url }), { username: 'me@example.com', password: 'quiet rivers run 41 deep' }];
	await api.createUser(me);
	const auth = (await api.login(me)).body.access_token;
	const stream = await Stream.open(t, api, { deviceId: 'mine', auth });
	let ends = 0;
	stream.source.on('disconnect', () => (ends += 1));
	// Longer than any client waits for a byte.
	await new Promise((resolve) => setTimeout(resolve, 17_000));
	await api.publishEvent({ name: 'after-silence', auth });
	assert.deepEqual([await stream.names(1), ends], [['after-silence'], 0]);

	server.pause();
	await once(stream.source, 'disconnect');
	server.resume();
	await once(stream.source, 'reconnect-success');
	await api.publishEvent({ name: 'after-pause', auth });
	assert.deepEqual(await stream.names(1), ['after-pause']);

	const gone = once(stream.source, 'disconnect');
	assert.equal(await server.stop(), 0);
	await gone;
	await once(stream.source, 'reconnect-error');
	await server.restart();
	await once(stream.source, 'reconnect-success');
	await api.publishEvent({ name: 'after-stop', auth });
	assert.deepEqual(await stream.names(1), ['after-stop']);
});
