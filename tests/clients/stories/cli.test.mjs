// The Particle CLI, unmodified: what a maker does with it in a day. Run once for each generation of the CLI.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Cli, legacy } from '../support/cli.mjs';
import { call, code, device, deviceId, person, product, secondFactor } from '../support/cloud.mjs';

const TOKEN = /^[0-9a-f]{40}$/;

function printed(run, ...texts) {
	for (const text of texts) assert.ok(run.text.includes(text), `no "${text}" in:\n${run.text}`);
}

test('login, whoami and logout', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const login = await cli.login(me);
	assert.equal(login.status, 0, login.text);
	const { access_token: token } = cli.profile;
	assert.match(token, TOKEN);
	assert.ok(new Date(cli.profile.access_token_expires_at) > Date.now() + 80 * 86_400_000 || legacy);
	printed(await cli.run(['whoami']), me.username);
	assert.equal((await cli.run(['logout'])).status, 0);
	assert.equal(cli.profile.access_token ?? null, null);
	await assert.rejects(call('GET', '/v1/user', { token }), /invalid_token/);
	assert.equal((await cli.run(['list'])).status, 1);
});

test('a wrong password is told as the cloud tells it', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const login = await cli.login({ ...me, password: 'not mine at all' });
	assert.equal(login.status, 1);
	printed(login, 'User credentials are invalid');
	const unknown = await cli.login({ username: 'nobody@example.com', password: 'not mine at all' });
	printed(unknown, 'User credentials are invalid');
});

test('login with a token', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	assert.equal((await cli.run(['login', '--token', me.token])).status, 0);
	assert.equal(cli.profile.username, me.username);
	assert.equal((await cli.run(['login', '--token', 'f'.repeat(40)])).status, 1);
});

test('token create: with an expiry, without, and for ever', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	await cli.login(me);
	for (const [more, text] of [[[], 'expires on'], [['--expires-in', '3600'], 'expires on'], [['--never-expires'], 'never expires']]) {
		const made = await cli.run(['token', 'create', ...more], ['password', me.password]);
		printed(made, text);
		const token = made.text.trim().split('\n').at(-1).trim();
		assert.match(token, TOKEN, made.text);
		// The user token works for the account and for no product of it.
		assert.deepEqual(await call('GET', `/v1/devices?access_token=${token}`), []);
		const { expires_at: expires } = await call('GET', '/v1/access_tokens/current', { token });
		if (more[0] === '--never-expires') assert.equal(expires, null);
		if (more[0] === '--expires-in') assert.ok(Math.abs(new Date(expires) - Date.now() - 3_600_000) < 120_000);
	}
});

test('token create asks who it is where nobody is signed in', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const made = await cli.run(['token', 'create'], ['email address', me.username], ['password', me.password]);
	assert.match(made.text.trim().split('\n').at(-1).trim(), TOKEN, made.text);
});

test('token revoke', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	await cli.login(me);
	printed(await cli.run(['token', 'revoke', me.token]), 'Successfully revoked all provided tokens');
	await assert.rejects(call('GET', '/v1/user', { token: me.token }), /invalid_token/);
	// It says so of a token that is over already.
	const again = await cli.run(['token', 'revoke', me.token]);
	assert.ok(!again.text.includes('Successfully revoked'), again.text);
});

test('a second factor is asked for', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const secret = await secondFactor(me);
	const wrong = await cli.login(me, '--otp', '000000');
	assert.equal(wrong.status, 1);
	const login = await cli.login(me, '--otp', code(secret));
	assert.equal(login.status, 0, login.text);
	printed(await cli.run(['whoami']), me.username);
	const answers = [['password', me.password], ['code', code(secret, 1)]];
	const made = await cli.run(['token', 'create'], ...answers);
	assert.match(made.text.trim().split('\n').at(-1).trim(), TOKEN, made.text);
});

test('devices are claimed, listed, renamed and let go', async (t) => {
	const [me, other, cli] = [await person(), await person(), new Cli(t)];
	const of = await product(me);
	const [id, theirs] = [await device(of), await device(of)];
	await cli.login(me);
	const added = await cli.run(['device', 'add', id.toUpperCase()]);
	assert.equal(added.status, 0, added.text);
	printed(await cli.run(['list']), id, 'offline');
	assert.equal((await cli.run(['device', 'rename', id, 'kitchen-sensor'])).status, 0);
	printed(await cli.run(['list', 'kitchen-sensor']), 'kitchen-sensor');
	// A name serves as an ID.
	assert.equal((await cli.run(['device', 'rename', 'kitchen-sensor', 'hall-sensor'])).status, 0);
	printed(await cli.run(['device', 'add', deviceId()]), 'device not found');
	await call('POST', '/v1/devices', { token: other.token, json: { id: theirs } });
	const foreign = await cli.run(['device', 'add', theirs], ['belongs to someone else', 'n']);
	printed(foreign, 'belongs to someone else');
	assert.equal((await cli.run(['device', 'remove', 'hall-sensor', '--yes'])).status, 0);
	assert.ok(!(await cli.run(['list'])).text.includes(id));
});

test('a device that is not connected says so', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const id = await device(await product(me));
	await cli.login(me);
	await cli.run(['device', 'add', id]);
	for (const command of [['call', id, 'blink', 'on'], ['get', id, 'temperature']]) {
		const run = await cli.run(command);
		assert.equal(run.status, 1, run.text);
		assert.match(run.text, /not connected|timed out/i);
	}
	// None of this signs anybody out.
	printed(await cli.run(['whoami']), me.username);
});

test('the devices of a product', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const of = await product(me);
	const id = await device(of);
	await cli.login(me);
	for (const key of [String(of.id), of.slug]) {
		printed(await cli.run(['product', 'device', 'list', key]), id);
	}
	printed(await cli.run(['product', 'device', 'list', String(of.id), id]), id);
	const stranger = deviceId();
	const added = await cli.run(['product', 'device', 'add', String(of.id), stranger]);
	assert.equal(added.status, 0, added.text);
	const listed = await cli.run(['product', 'device', 'list', String(of.id), '--limit', '1', '--json']);
	assert.equal(JSON.parse(listed.text.slice(listed.text.indexOf('{'))).data.length, 1);
	assert.equal((await cli.run(['product', 'device', 'remove', String(of.id), stranger])).status, 0);
	printed(await cli.run(['product', 'device', 'list', String(of.id), stranger]), 'not found');
	printed(await cli.run(['product', 'device', 'list', 'LOLWUTNOPE']), 'Permission denied');
	printed(await cli.run(['whoami']), me.username);
});
