// A server of the test's own, which it can pause, stop and start again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Server {
	/** Starts `mote serve` on a free port. */
	static async start(test) {
		const server = new Server();
		server.data = mkdtempSync(join(tmpdir(), 'mote-server-'));
		test.after(async () => {
			await server.stop('SIGKILL');
			rmSync(server.data, { recursive: true, force: true });
		});
		await server.run('127.0.0.1:0');
		return server;
	}

	async run(listen) {
		this.child = spawn(process.env.MOTE_BINARY, ['serve', '--data', join(this.data, 'mote'), '--listen', listen, '--log', 'warn']);
		this.ended = new Promise((resolve) => this.child.on('close', resolve));
		this.log = '';
		this.child.stderr.on('data', (lines) => { this.log += lines; });
		const first = await new Promise((resolve) => this.child.stdout.once('data', resolve));
		this.url = /http:\/\/\S+/.exec(String(first))[0];
	}

	/** Waits until this is in its log; gives the match. */
	async logged(what) {
		for (;;) {
			const match = what.exec(this.log);
			if (match) return match;
			await once(this.child.stderr, 'data');
		}
	}

	/** Starts it again where it was. */
	restart() {
		return this.run(new URL(this.url).host);
	}

	/** Ends it; gives its exit code. */
	stop(signal = 'SIGTERM') {
		this.child.kill(signal);
		return this.ended;
	}

	/** Lets it hang, as a machine that is out of breath. */
	pause() {
		this.child.kill('SIGSTOP');
	}

	resume() {
		this.child.kill('SIGCONT');
	}
}
