// The Particle CLI, unmodified: what a maker sets up. Run once for each generation of the CLI.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Cli, legacy } from '../support/cli.mjs';
import { call, device, organization, person, product } from '../support/cloud.mjs';

/** Somebody who is signed in, with an organization and a product of it with a device. */
async function workshop(t) {
	const [me, cli] = [await person(), new Cli(t)];
	const org = await organization(me);
	const of = await product(me, org);
	await cli.login(me);
	return { me, cli, org, of, id: await device(of) };
}

/** Runs a command that must go well; gives what it printed. */
async function done(cli, ...command) {
	const run = await cli.run(command);
	assert.equal(run.status, 0, `${command.join(' ')}\n${run.text}`);
	return run.text;
}

const HOOK = 'https://samplesite.example/hook';

test('webhooks are made, listed and deleted', async (t) => {
	const { me, cli, of, org } = await workshop(t);
	const places = legacy ? [[]] : [[], ['--product', String(of.id)], ['--product', of.slug], ['--org', org.slug]];
	for (const place of places) {
		await done(cli, 'webhook', 'create', 'hot', HOOK, ...place);
		await done(cli, 'webhook', 'POST', 'warm', HOOK, ...place);
		await done(cli, 'webhook', 'GET', 'cold', HOOK, ...place);
		const listed = await done(cli, 'webhook', 'list', ...place);
		for (const text of ['hot', 'warm', 'cold', HOOK]) assert.ok(listed.includes(text), listed);
		const form = place[0] === '--product' ? `/v1/products/${of.id}` : place[0] ? `/v1/orgs/${org.slug}` : '/v1';
		const token = place[0] === '--product' ? of.token : me.token;
		const kept = await call('GET', `${form}/integrations`, { token });
		assert.deepEqual(kept.map((one) => one.event).sort(), ['cold', 'hot', 'warm']);
		for (const { id } of kept) await done(cli, 'webhook', 'delete', id, ...place);
		assert.deepEqual(await call('GET', `${form}/integrations`, { token }), []);
	}
	const unknown = await cli.run(['webhook', 'delete', '0123456789abcdef01234567']);
	assert.equal(unknown.status, 1, unknown.text);
});

test('devices of a product are listed by group', async (t) => {
	const { cli, of, id } = await workshop(t);
	const other = await device(of);
	await call('PUT', `/v1/products/${of.id}/devices/${id}`, { token: of.token, json: { groups: ['beta'] } });
	const listed = await done(cli, 'product', 'device', 'list', String(of.id), '--groups', 'beta', '--json');
	const { data } = JSON.parse(listed.slice(listed.indexOf('{')));
	assert.deepEqual(data.map((one) => one.id), [id]);
	const all = await done(cli, 'product', 'device', 'list', String(of.id));
	assert.ok(all.includes(id) && all.includes(other), all);
});

test('environment variables are set, listed and deleted', { skip: legacy }, async (t) => {
	const { me, cli, of, org, id } = await workshop(t);
	await call('POST', '/v1/devices', { token: me.token, json: { id } });
	const places = [['--sandbox'], ['--product', String(of.id)], ['--org', org.slug], ['--device', id]];
	for (const place of places) {
		await done(cli, 'config', 'env', 'set', 'COLOR', 'blue', ...place);
		await done(cli, 'config', 'env', 'set', 'SIZE=XL', ...place);
		const listed = await done(cli, 'config', 'env', 'list', ...place);
		for (const text of ['COLOR', 'blue', 'SIZE', 'XL']) assert.ok(listed.includes(text), listed);
		await done(cli, 'config', 'env', 'delete', 'COLOR', ...place);
		const left = await done(cli, 'config', 'env', 'list', ...place);
		assert.ok(left.includes('SIZE'), left);
	}
});

test('secrets are set, listed, seen and deleted, and never told', { skip: legacy }, async (t) => {
	const { cli, org } = await workshop(t);
	for (const place of [['--sandbox'], ['--org', org.slug]]) {
		await done(cli, 'config', 'secrets', 'set', 'API_KEY', 'not to be seen', ...place);
		const listed = await done(cli, 'config', 'secrets', 'list', ...place);
		const seen = await done(cli, 'config', 'secrets', 'get', 'API_KEY', ...place);
		assert.ok(listed.includes('API_KEY') && seen.includes('API_KEY'), listed + seen);
		assert.ok(!(listed + seen).includes('not to be seen'), listed + seen);
		await done(cli, 'config', 'secrets', 'delete', 'API_KEY', ...place);
		assert.ok(!(await done(cli, 'config', 'secrets', 'list', ...place)).includes('API_KEY'));
	}
});
