// The Particle CLI, unmodified: what a maker does with it in a day. Run once for each generation of the CLI.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Cli, legacy } from '../support/cli.mjs';
import { call, code, device, deviceId, organization, person, product, secondFactor } from '../support/cloud.mjs';

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

/** Subscribes, publishes until something was heard, and gives what was printed of it. */
async function subscribed(cli, options, publish) {
	const { child, ended } = cli.start(['subscribe', ...options, '--max', '1']);
	await new Promise((resolve) => child.stdout.once('data', resolve));
	// It does not say when the stream is open: so more than once, until it has heard one and ends.
	let over = false;
	ended.then(() => (over = true));
	while (!over) await publish();
	const run = await ended;
	assert.equal(run.status, 0, run.text);
	return JSON.parse(run.text.split('\n').find((line) => line.startsWith('{')));
}

test('publish and subscribe', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	const org = await organization(me);
	const of = await product(me, org);
	const id = await device(of);
	await cli.login(me);
	const publish = (options) => async () => {
		const run = await cli.run(['publish', ...options]);
		assert.equal(run.status, 0, run.text);
		printed(run, 'Published');
	};
	const mine = await subscribed(cli, ['hel'], publish(['hello', '{"t":1}']));
	assert.deepEqual([mine.name, mine.data, mine.ttl, mine.coreid], ['hello', '{"t":1}', 60, 'api']);
	const all = await subscribed(cli, [], publish(['a/b']));
	assert.deepEqual([all.name, all.data], ['a/b', null]);
	const ofProduct = await subscribed(cli, ['--product', of.slug, 'p/'], publish(['p/q', 'x', '--product', of.slug]));
	assert.deepEqual([ofProduct.name, ofProduct.productID], ['p/q', of.id]);
	const asDevice = { token: of.token, json: { name: 'temp', data: '21', as_device_id: id } };
	const asItself = () => call('POST', `/v1/products/${of.id}/events`, asDevice);
	const ofDevice = await subscribed(cli, ['--product', String(of.id), '--device', id], asItself);
	assert.deepEqual([ofDevice.name, ofDevice.coreid], ['temp', id]);
	await cli.run(['device', 'add', id]);
	const ofMyDevice = await subscribed(cli, ['--device', id, 'temp'], asItself);
	assert.equal(ofMyDevice.coreid, id);
	if (legacy) return;
	const ofOrg = await subscribed(cli, ['--org', org.slug], () => call('POST', `/v1/orgs/${org.slug}/events`, { token: me.token, json: { name: 'o' } }));
	assert.equal(ofOrg.name, 'o');
});

test('a token that is over is told when somebody subscribes', async (t) => {
	const [me, cli] = [await person(), new Cli(t)];
	await cli.run(['login', '--token', me.token]);
	await call('DELETE', `/v1/access_tokens/${me.token}`);
	const run = await cli.run(['subscribe', 'x']);
	assert.equal(run.status, 1, run.text);
	assert.match(run.text, /access token provided is invalid|not logged in|Unauthorized|HTTP error 401/i);
});
