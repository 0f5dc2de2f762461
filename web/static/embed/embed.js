/* Shows the text in force of one document on another site, where this line stands:
   <script src="ROOT/embed.js" data-document="privacy" data-language="kk" async></script>
   Without data-language it follows the language of the page. A link of ours right
   before the line gives way to the text; if anything fails, the page stays as it
   was. No cookie, nothing stored, nobody asked but ROOT. */
(function () {
  "use strict";
  var me = document.currentScript, name = me && me.getAttribute("data-document");
  var end = me ? me.src.search(/\/embed\.js([?#]|$)/) : -1;
  if (!name || end < 0 || !window.fetch || !window.AbortController) return;
  var root = me.src.slice(0, end), page = document.documentElement, box = null, asked = 0;

  function languages() {
    var tag = me.getAttribute("data-language") || page.lang, list = [];
    for (; tag; tag = tag.replace(/-?[^-]*$/, "")) list.push("/" + encodeURIComponent(tag));
    return list.concat("");
  }

  function ask(list, turn) {
    var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 10000);
    return fetch(root + "/embed/" + encodeURIComponent(name) + list[0], { credentials: "omit", referrerPolicy: "no-referrer", signal: stop.signal })
      .then(function (answer) {
        if (answer.status === 404 && list.length > 1) return ask(list.slice(1), turn);
        return answer.ok ? answer.text().then(function (text) { show(text, turn); }) : undefined;
      })
      .catch(function () {})
      .then(function () { clearTimeout(late); });
  }

  function show(text, turn) {
    if (turn !== asked || text.indexOf('<article class="vestnik"') !== 0) return;
    var made = document.createElement("div");
    made.className = "vestnik-embed";
    made.innerHTML = trusted(text);
    var link = me.previousElementSibling;
    if (box) box.replaceWith(made); else me.before(made);
    if (!box && link && link.tagName === "A" && link.href.indexOf(root + "/") === 0) link.hidden = true;
    box = made;
    var to = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (to && box.contains(to)) to.scrollIntoView();
  }

  function trusted(text) {
    if (!window.trustedTypes) return text;
    policy = policy || window.trustedTypes.createPolicy("vestnik", { createHTML: function (s) { return s; } });
    return policy.createHTML(text);
  }
  var policy = null;

  function begin() { ask(languages(), ++asked); }
  begin();
  if (!me.hasAttribute("data-language") && window.MutationObserver) {
    new MutationObserver(begin).observe(page, { attributes: true, attributeFilter: ["lang"] });
  }
})();
