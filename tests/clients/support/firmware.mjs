// A Device OS user module of our own making: prefix, code, suffix and CRC, with nothing in it that a device would run.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../cli-3.51/', import.meta.url));
const { firmwareTestHelper, ModuleInfo } = require('binary-version-reader');

/** The binaries of a release of Device OS for a platform, by their names, made by the vendor's own library. */
export async function deviceOs(platformId, { systemVersion }) {
	const make = (moduleFunction, moduleIndex, moduleVersion) =>
		firmwareTestHelper.createFirmwareBinary({ moduleFunction, platformId, moduleIndex, moduleVersion, deps: [] });
	return {
		'device-bootloader.bin': await make(ModuleInfo.FunctionType.BOOTLOADER, 0, 2400),
		'device-system-part1.bin': await make(ModuleInfo.FunctionType.SYSTEM_PART, 1, systemVersion),
	};
}

/** CRC-32 as zip and Device OS have it. */
function crc32(bytes) {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/** The bytes of a user module for a platform, of a product's version. */
export function firmware({ platform, product, version }) {
	const code = createHash('sha256').update(`${product}-${version}`).digest();
	const prefix = Buffer.alloc(24);
	const start = 0xb4000;
	const suffix = Buffer.alloc(40);
	suffix.writeUInt16LE(product, 0);
	suffix.writeUInt16LE(version, 2);
	createHash('sha256').update(code).digest().copy(suffix, 6);
	suffix.writeUInt16LE(suffix.length, 38);
	const length = prefix.length + code.length + suffix.length;
	prefix.writeUInt32LE(start, 0);
	prefix.writeUInt32LE(start + length, 4);
	prefix.writeUInt16LE(1, 10); // module version
	prefix.writeUInt16LE(platform, 12);
	prefix.writeUInt8(5, 14); // user part
	prefix.writeUInt8(1, 15); // index
	const body = Buffer.concat([prefix, code, suffix]);
	const crc = Buffer.alloc(4);
	crc.writeUInt32BE(crc32(body), 0);
	return Buffer.concat([body, crc]);
}
