// Returns what is wrong with the page before us, a sentence each: WCAG 2.2 level
// AA as far as a machine can tell without taste.
(() => {
  const wrong = [];
  const all = s => [...document.querySelectorAll(s)];
  const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const name = e => e.outerHTML.replace(/\s+/g, ' ').slice(0, 110);
  const say = (what, e) => wrong.push(e ? what + ': ' + name(e) : what);

  if (!document.documentElement.lang) say('the page names no language');
  if (!document.title.trim()) say('the page has no title');
  if (!document.querySelector('meta[name=viewport]')) say('the page does not fit phones');
  if (all('main').length !== 1) say('there is not one main part');
  if (all('h1').filter(e => !e.closest('.text, .preview')).length !== 1) say('there is not one heading of level 1');
  let level = 0;
  for (const h of all('h1, h2, h3, h4, h5, h6').filter(seen)) {
    const now = +h.tagName[1];
    if (level && now > level + 1) say('a heading of level ' + now + ' follows one of level ' + level, h);
    level = now;
  }

  const ids = new Map();
  for (const e of all('[id]')) {
    if (ids.has(e.id)) say('the id stands twice', e);
    ids.set(e.id, e);
  }
  for (const a of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls'])
    for (const e of all('[' + a + ']'))
      for (const id of e.getAttribute(a).split(/\s+/)) if (!ids.has(id)) say(a + ' names nothing', e);
  for (const e of all('a[href^="#"]')) if (e.hash && !document.getElementById(decodeURIComponent(e.hash.slice(1)))) say('the link leads to no place on the page', e);

  const called = e => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(/\s+/).map(i => ids.get(i)?.textContent || '').join(' ') || e.textContent + [...e.querySelectorAll('img')].map(i => i.alt).join(' ')).trim();
  for (const e of all('a[href], button, summary')) if (!called(e)) say('nothing says what it does', e);
  for (const e of all('input:not([type=hidden]), select, textarea')) if (!e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) say('the input has no label', e);
  for (const e of all('img:not([alt])')) say('the image has no text', e);
  for (const e of all('iframe:not([title])')) say('the frame has no title', e);
  for (const e of all('th:not([scope])').filter(e => !e.closest('.text'))) say('the heading of a row or column has no scope', e);
  for (const e of all('fieldset')) if (!e.querySelector('legend')) say('the group has no legend', e);
  for (const e of all('[lang]')) { try { new Intl.Locale(e.lang); } catch { say('the language has no proper tag', e); } }
  for (const e of all('[style], script:not([src^="/"][src*="/static/"]:not([src^="//"]), [type="application/ld+json"]), [onclick], [onload]')) say('the policy would refuse it', e);
  for (const e of all('[tabindex]')) if (+e.getAttribute('tabindex') > 0) say('the order of the keyboard is bent', e);
  for (const e of all('*').filter(seen)) {
    const s = getComputedStyle(e);
    if (/auto|scroll/.test(s.overflowX + s.overflowY) && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
        && e.clientHeight && e !== document.scrollingElement && e.tabIndex < 0 && !e.querySelector('a[href], button, input'))
      say('what is cut off cannot be reached by keyboard', e);
  }

  // targets of 24 px, but for links within a sentence (WCAG 2.5.8)
  for (const e of all('button, input:not([type=hidden]), select, summary, a[href]').filter(seen)) {
    const s = getComputedStyle(e), r = e.getBoundingClientRect();
    if (r.width <= 1 || s.display === 'inline' || e.matches('label input')) continue;
    if (r.width < 24 || r.height < 24) say('a target of ' + Math.round(r.width) + '×' + Math.round(r.height), e);
  }

  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const rgba = c => {
    if (!known.has(c)) {
      const m = c.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
      if (m) known.set(c, [+m[1], +m[2], +m[3], m[4] === undefined ? 1 : +m[4]]);
      else {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
        const d = canvas.getImageData(0, 0, 1, 1).data;
        known.set(c, [d[0], d[1], d[2], d[3] / 255]);
      }
    }
    return known.get(c);
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ratio = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + .05) / (Math.min(x, y) + .05); };
  const grounds = new Map();
  const ground = e => {
    if (!e) return [255, 255, 255, 1];
    if (!grounds.has(e)) { const c = rgba(getComputedStyle(e).backgroundColor); grounds.set(e, c[3] === 1 ? c : over(c, ground(e.parentElement))); }
    return grounds.get(e);
  };
  const told = new Set();
  const weigh = (e, colour, least, what) => {
    const got = ratio(over(rgba(colour), ground(e)), ground(e)), key = colour + ground(e);
    if (got < least && !told.has(key)) { told.add(key); say('contrast of ' + what + ' ' + got.toFixed(2) + ', not ' + least, e); }
  };
  const read = (root, what) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let n; (n = texts.nextNode());) {
      const e = n.parentElement;
      if (!n.data.trim() || !seen(e)) continue;
      const s = getComputedStyle(e), size = parseFloat(s.fontSize);
      weigh(e, s.color, size >= 24 || size >= 18.66 && +s.fontWeight >= 700 ? 3 : 4.5, what);
      if (size < 11) say('letters of ' + size + ' px', e);
    }
  };
  read(document.body, 'text');
  // A page is not told which links were visited. So all of them are dressed so.
  const ours = [...document.styleSheets], dressed = new CSSStyleSheet();
  dressed.replaceSync(ours.flatMap(s => [...s.cssRules]).map(r => r.cssText).join('\n').replaceAll(':visited', ':any-link'));
  ours.forEach(s => { s.disabled = true; });
  document.adoptedStyleSheets = [dressed];
  grounds.clear();
  all('a[href]').forEach(a => read(a, 'a visited link'));
  document.adoptedStyleSheets = [];
  ours.forEach(s => { s.disabled = false; });
  grounds.clear();
  for (const e of all('input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea').filter(seen)) {
    const s = getComputedStyle(e), around = ground(e.parentElement);
    weigh(e, s.color, 4.5, 'an input');
    if (ratio(over(rgba(s.borderTopColor), around), around) < 3) say('the border of an input can hardly be seen', e);
  }
  return wrong;
})()
