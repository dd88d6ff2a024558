// A person's browser, as far as forms and redirects go.

import { url } from './cloud.mjs';

export class Browser {
	#cookies = new Map();

	/** An answer, its redirects not followed. */
	async #send(path, options = {}) {
		const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
		const answer = await fetch(new URL(path, url), {
			...options, redirect: 'manual', headers: { ...options.headers, cookie },
		});
		for (const line of answer.headers.getSetCookie()) {
			const [name, value] = line.split(';')[0].split('=');
			this.#cookies.set(name, value);
		}
		return answer;
	}

	/** A page. */
	async see(path) {
		const answer = await this.#send(path);
		const text = await answer.text();
		if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.headers.get('location')} ${text}`);
		return text;
	}

	/** Sends the form of a page, with what is in its hidden fields; gives where that leads to. */
	async submit(page, action, fields) {
		const form = new URLSearchParams(fields);
		for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)) {
			form.set(name, value.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code)));
		}
		const answer = await this.#send(action, { method: 'POST', body: form });
		if (answer.status !== 303) throw new Error(`POST ${action}: ${answer.status} ${await answer.text()}`);
		return new URL(answer.headers.get('location'), url);
	}

	/** Signs in to the console. */
	async signIn({ username, password }) {
		await this.submit(await this.see('/sign-in'), '/sign-in', { username, password });
	}
}
