// The operator of the server under test, at the command line.

import { execFileSync } from 'node:child_process';

/** Runs `mote` on the server's store; gives what it printed. */
export function mote(...command) {
	return String(execFileSync(process.env.MOTE_BINARY, [...command, '--data', process.env.MOTE_STORE]));
}
