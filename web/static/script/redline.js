// What the page of a comparison can do beside being read: steps from change to
// change, and pieces unfolded in their place. Without this file everything in it
// still works: it only adds.
"use strict";
(() => {
  const line = document.querySelector(".redline");
  if (!line) return;
  const changes = [...line.querySelectorAll(".rl-entry")];
  const steps = document.querySelector(".steps");
  const head = change => change.querySelector(".rl-head") || change;

  // here is the change that has the focus, or else the last one that begins above
  // the upper third of the window; -1 before the first.
  const here = () => {
    const held = changes.findIndex(c => c.contains(document.activeElement));
    if (held >= 0) return held;
    return changes.findLastIndex(c => c.getBoundingClientRect().top < innerHeight / 3);
  };
  const say = i => {
    const status = steps.querySelector("[role=status]");
    const words = i < 0 ? steps.dataset.none : steps.dataset.at.replace("{i}", i + 1).replace("{n}", changes.length);
    if (status.textContent !== words) status.textContent = words;
  };
  const go = by => {
    const i = Math.min(Math.max(here() + by, 0), changes.length - 1);
    const to = head(changes[i]);
    to.tabIndex = -1;
    to.focus({preventScroll: true});
    changes[i].scrollIntoView({block: "start"});
    say(i);
  };

  if (steps && changes.length > 0) {
    steps.hidden = false;
    say(-1);
    const button = (words, keys, by) => {
      const b = document.createElement("button"), word = document.createElement("span");
      word.textContent = words; // on a telephone an arrow stands for it
      b.append(word);
      Object.assign(b, {type: "button", className: "quiet", onclick: () => go(by)});
      b.setAttribute("aria-keyshortcuts", keys);
      return b;
    };
    steps.prepend(button(steps.dataset.previous, "p k", -1), button(steps.dataset.next, "n j", 1));
    const keys = {n: 1, j: 1, p: -1, k: -1, KeyN: 1, KeyJ: 1, KeyP: -1, KeyK: -1};
    document.addEventListener("keydown", e => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || e.target.closest("input, select, textarea, [contenteditable]")) return;
      const by = keys[e.key] ?? keys[e.code]; // the same keys on any layout
      if (by) {
        e.preventDefault();
        go(by);
      }
    });
  }

  // A press on the line of a piece fetches it, or shows and hides what is there.
  const inside = piece => [...piece.children].slice(1);
  const show = (link, piece, open) => {
    for (const e of inside(piece)) e.hidden = !open;
    link.setAttribute("aria-expanded", open);
  };
  const fetched = async (link, piece) => {
    link.setAttribute("aria-busy", "true");
    try {
      const got = await fetch(location.pathname + "/piece/" + piece.id.replace("piece-", ""));
      if (!got.ok) throw new Error(got.status);
      const made = document.createElement("template");
      made.innerHTML = await got.text();
      piece.append(made.content);
      show(link, piece, true);
    } catch {
      const told = document.createElement("span");
      told.setAttribute("role", "alert");
      told.textContent = " " + line.dataset.failed;
      link.after(told);
    }
    link.removeAttribute("aria-busy");
  };
  line.addEventListener("click", e => {
    const link = e.target.closest(".rl-piece > .rl-count > a");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    const piece = link.closest(".rl-piece");
    if (link.nextElementSibling) return; // it failed: the link leads to the page
    e.preventDefault();
    if (link.hasAttribute("aria-busy")) return;
    if (inside(piece).length > 0) show(link, piece, link.getAttribute("aria-expanded") === "false");
    else fetched(link, piece);
  });
})();
