// What a page of a document can do beside being read: contents that follow the
// reader, a search that jumps, addresses of clauses that are copied. Without this
// file the page does all it has to: it only adds.
"use strict";
(() => {
const text = document.querySelector(".text"), guide = document.querySelector(".guide");
if (!text || !guide) return;

follow();
search();
if (navigator.clipboard) copying();

// follow marks in the contents where the reader is, and says it beside the word
// "contents" where that is closed.
function follow() {
	const links = [...guide.querySelectorAll("nav a")], summary = guide.querySelector("summary");
	if (!links.length) return;
	const ids = [...new Set(links.map(a => a.hash.slice(1)))];
	const targets = ids.map(id => document.getElementById(id)).filter(Boolean);
	const at = document.createElement("span");
	at.className = "at";
	summary?.append(at);
	let now;
	const look = () => {
		const line = innerHeight * 0.3;
		let low = 0, high = targets.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (targets[middle].getBoundingClientRect().top <= line) low = middle + 1; else high = middle;
		}
		const id = targets[low - 1]?.id;
		if (id === now) return;
		now = id;
		at.textContent = "";
		for (const a of links) {
			const here = a.hash === "#" + id;
			if (!here) { a.removeAttribute("aria-current"); continue; }
			a.setAttribute("aria-current", "true");
			at.textContent = a.querySelector(".no")?.textContent ?? "";
			if (a.checkVisibility?.() && guide.scrollHeight > guide.clientHeight) a.scrollIntoView({block: "nearest"});
		}
	};
	const watch = new IntersectionObserver(look, {rootMargin: "0px 0px -70% 0px"});
	for (const t of targets) watch.observe(t);
	look();
	const closed = guide.querySelector("details");
	closed?.addEventListener("click", e => { if (e.target.closest("a")) closed.open = false; });
	closed?.addEventListener("keydown", e => { if (e.key === "Escape") { closed.open = false; summary.focus(); } });
}

// search finds without asking the server, where the browser can show what is found
// without changing the page; elsewhere the form does.
function search() {
	const form = guide.querySelector(".find"), field = form.querySelector("input");
	addEventListener("keydown", e => {
		if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
		e.preventDefault();
		field.focus();
		field.select();
	});
	if (!globalThis.Highlight || !CSS.highlights) return;
	const words = form.dataset, bar = document.createElement("div"), said = document.createElement("output");
	const button = (sign, name, by) => {
		const b = document.createElement("button");
		b.type = "button";
		b.className = "quiet";
		b.textContent = sign;
		b.setAttribute("aria-label", name);
		b.addEventListener("click", () => go(by));
		return b;
	};
	bar.className = "hits";
	bar.hidden = true;
	said.htmlFor = field.id;
	bar.append(said, button("↑", words.previous, -1), button("↓", words.next, 1));
	form.append(bar);
	let index, hits = [], at = -1, last = "";

	const find = () => {
		const query = foldText(field.value).text.trim();
		if (query === last) return;
		last = query;
		index ??= indexOf(text);
		hits = query ? index.hits(query) : [];
		at = -1;
		CSS.highlights.set("found", new Highlight(...hits.slice(0, 2000).map(index.range)));
		CSS.highlights.delete("here");
		bar.hidden = !query;
		said.textContent = hits.length ? "" : words.none;
		if (hits.length) go(1, true);
	};
	const go = (by, first) => {
		if (!hits.length) return;
		at = first ? nearest() : (at + by + hits.length) % hits.length;
		const range = index.range(hits[at]);
		CSS.highlights.set("here", Object.assign(new Highlight(range), {priority: 1}));
		said.textContent = words.at.replace("{i}", at + 1).replace("{n}", hits.length);
		const box = range.getBoundingClientRect();
		if (box.top < guide.getBoundingClientRect().top || box.top < 120 || box.bottom > innerHeight - 40) scrollTo({top: scrollY + box.top - innerHeight / 3});
	};
	// nearest is the first hit that does not lie above the window.
	const nearest = () => {
		let low = 0, high = hits.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (index.range(hits[middle]).getBoundingClientRect().bottom < 0) low = middle + 1; else high = middle;
		}
		return low % hits.length;
	};
	field.addEventListener("input", find);
	form.addEventListener("submit", e => { e.preventDefault(); const before = last; find(); if (before === last) go(1); });
	field.addEventListener("keydown", e => {
		if (e.key === "Enter" && e.shiftKey) { e.preventDefault(); go(-1); }
		if (e.key === "Escape" && field.value) { e.preventDefault(); field.value = ""; find(); }
	});
	if (field.value) {
		for (const m of text.querySelectorAll("mark")) m.replaceWith(...m.childNodes);
		text.normalize();
		find();
	}
}

// indexOf is all words of an element, folded, with the way back to its nodes.
function indexOf(root) {
	const inline = /^(A|ABBR|B|BDI|BDO|CITE|CODE|DEL|DFN|EM|I|INS|KBD|MARK|Q|S|SAMP|SMALL|SPAN|STRONG|SUB|SUP|TIME|U|VAR)$/;
	const nodes = [], starts = [], breaks = [];
	let raw = "";
	const walk = element => {
		for (const n of element.childNodes) {
			if (n.nodeType === Node.TEXT_NODE) {
				nodes.push(n);
				starts.push(raw.length);
				raw += n.data;
			} else if (n.nodeType === Node.ELEMENT_NODE && !n.matches(".share, .copy")) {
				const block = !inline.test(n.tagName);
				if (block) breaks.push(raw.length);
				walk(n);
				if (block) breaks.push(raw.length);
			}
		}
	};
	walk(root);
	const folded = foldText(raw, breaks);
	const spot = (at, end) => {
		let low = 0, high = starts.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (starts[middle] < at || starts[middle] === at && !end) low = middle + 1; else high = middle;
		}
		return [nodes[low - 1], at - starts[low - 1]];
	};
	return {
		hits: query => {
			const out = [];
			for (let i = folded.text.indexOf(query); i >= 0; i = folded.text.indexOf(query, i + query.length)) out.push([folded.from[i], folded.to[i + query.length - 1]]);
			return out;
		},
		range: ([from, to]) => {
			const r = document.createRange();
			r.setStart(...spot(from, false));
			r.setEnd(...spot(to, true));
			return r;
		},
	};
}

// foldText is as the server's: small letters without marks, one space between
// words, line feeds between blocks; from and to lead back to raw.
function foldText(raw, breaks = []) {
	const from = [], to = [], known = foldText.known ??= new Map();
	let text = "", next = 0;
	for (let i = 0; i < raw.length;) {
		for (; next < breaks.length && breaks[next] <= i; next++) { text += "\n"; from.push(i); to.push(i); }
		const c = String.fromCodePoint(raw.codePointAt(i)), end = i + c.length;
		let s = known.get(c);
		if (s === undefined) known.set(c, s = foldCharacter(c));
		if (s !== " " || text.length && text[text.length - 1] !== " ") {
			text += s;
			for (let k = 0; k < s.length; k++) { from.push(i); to.push(end); }
		}
		i = end;
	}
	return {text, from, to};
}

function foldCharacter(c) {
	const alike = foldCharacter.alike ??= new Map("әа ғг қк ңн өо ұу үу һх іи ςσ ıi ٱا ىي ةه کك یي ’' ‘' ʼ' “\" ”\" „\" «\" »\" ‐- ‑- –- —- ٠0 ١1 ٢2 ٣3 ٤4 ٥5 ٦6 ٧7 ٨8 ٩9 ۰0 ۱1 ۲2 ۳3 ۴4 ۵5 ۶6 ۷7 ۸8 ۹9".split(" ").map(pair => [...pair]));
	let out = "";
	for (let d of c.normalize("NFD")) {
		d = d.toLowerCase();
		d = alike.get(d) ?? d;
		if (/\p{White_Space}/u.test(d)) out += " ";
		else if (!/[\p{M}\p{Cf}\p{Cc}\u0640]/u.test(d)) out += d;
	}
	return out;
}

// copying puts a button behind the number that the reader points at, has reached by
// keyboard or pressed; it copies the clause's permanent address.
function copying() {
	const button = document.createElement("button"), said = document.createElement("span");
	button.type = "button";
	button.className = "copy quiet";
	button.textContent = text.dataset.copy;
	said.className = "visually-hidden";
	said.setAttribute("role", "status");
	text.after(said);
	let waits;
	const beside = number => {
		if (!number || number.nextSibling === button) return;
		clearTimeout(waits);
		button.textContent = text.dataset.copy;
		number.after(button);
	};
	const numberIn = e => e.target.closest?.(".number") ?? e.target.closest?.(".clause")?.querySelector(":scope > .number");
	text.addEventListener("focusin", e => { if (e.target !== button) beside(e.target.closest(".number")); });
	text.addEventListener("pointerover", e => { if (e.pointerType === "mouse" && document.activeElement !== button) beside(numberIn(e)); });
	text.addEventListener("click", e => beside(e.target.closest(".number")));
	button.addEventListener("click", async () => {
		const share = button.parentElement.querySelector(".share");
		try {
			await navigator.clipboard.writeText(share.href);
			said.textContent = button.textContent = text.dataset.copied;
			waits = setTimeout(() => { said.textContent = ""; button.textContent = text.dataset.copy; }, 4000);
		} catch {
			location.href = share.href;
		}
	});
}
})();
