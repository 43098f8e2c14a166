// The rebuilt directories as trees. A row is made when its parent is opened, so that large directories cost nothing.
// The rows are a flat list with levels (WAI-ARIA's tree view), because directories may be nested deeper than pages can.
(() => {
  "use strict";
  const [PARENT, NAME, OBJECT, INSTANCE, FLAGS, LEARNED, PROPERTIES] = [0, 1, 2, 3, 4, 5, 6];
  const [WHOLE, ALL_CHILDREN, LOOSE] = [1, 2, 4];
  const CHUNK = 200;
  const MATCHES = 100;
  const MOST_TRAIL = 12;
  const MOST_INDENT = 16;

  const shared = () => JSON.parse(document.getElementById("data").textContent);
  const count = (number) => number.toLocaleString("en");
  function element(name, content, className) {
    const made = document.createElement(name);
    if (content !== undefined) made.textContent = content;
    if (className) made.className = className;
    return made;
  }

  class Tree {
    constructor(browser) {
      this.browser = browser;
      this.entries = JSON.parse(document.getElementById(`${browser.id}-data`).textContent);
      this.children = this.entries.map(() => []);
      this.tops = [];
      this.entries.forEach((entry, place) => (entry[PARENT] < 0 ? this.tops : this.children[entry[PARENT]]).push(place));
      this.rows = new Map();
      this.texts = [];
      this.draw();
    }

    draw() {
      const title = document.getElementById(`${this.browser.id}-title`);
      this.list = element("ul", undefined, "tree");
      this.list.setAttribute("role", "tree");
      this.list.setAttribute("aria-labelledby", title.id);
      this.sheet = element("div", undefined, "sheet");
      this.sheet.setAttribute("role", "region");
      this.sheet.setAttribute("aria-label", `Properties in ${title.textContent}`);
      this.sheet.tabIndex = 0;
      this.browser.append(this.list, this.sheet);
      this.list.addEventListener("click", (event) => this.clicked(event));
      this.list.addEventListener("keydown", (event) => this.pressed(event));
      this.list.append(...this.made(this.tops, 0, 1));
      const first = this.list.firstElementChild;
      if (!first) return;
      this.choose(first);
      if (this.children[this.tops[0]].length) this.open(first);
      this.browser.hidden = false;
    }

    // The rows of siblings from one on, as many as are shown at a time, and one that shows more.
    made(siblings, from, level) {
      const rows = siblings.slice(from, from + CHUNK).map((place, at) => this.row(place, from + at, siblings.length, level));
      const left = siblings.length - from - CHUNK;
      if (left > 0) {
        const more = this.item(level, from + CHUNK, siblings.length);
        more.dataset.from = from + CHUNK;
        more.append(element("span", "", "twist"), element("span", `${count(left)} more: show the next ${Math.min(CHUNK, left)}`, "more"));
        rows.push(more);
      }
      return rows;
    }

    item(level, at, all) {
      const item = element("li");
      item.setAttribute("role", "treeitem");
      item.setAttribute("aria-level", level);
      item.setAttribute("aria-posinset", at + 1);
      item.setAttribute("aria-setsize", all);
      item.setAttribute("aria-selected", "false");
      item.tabIndex = -1;
      item.style.paddingInlineStart = `${0.5 + Math.min(level - 1, MOST_INDENT) * 1.1}rem`;
      return item;
    }

    row(place, at, all, level) {
      const entry = this.entries[place];
      const inside = this.children[place].length;
      const item = this.item(level, at, all);
      item.dataset.place = place;
      if (inside) item.setAttribute("aria-expanded", "false");
      item.append(element("span", inside ? "▸" : "", "twist"), element("span", entry[NAME], "label"));
      item.firstChild.setAttribute("aria-hidden", "true");
      if (inside) item.append(" ", element("span", count(inside), "count"));
      if (entry[FLAGS] & LOOSE) item.append(" ", element("span", "place unknown", "unsure"));
      else if (!(entry[FLAGS] & WHOLE && entry[FLAGS] & ALL_CHILDREN)) item.append(" ", element("span", "in part", "unsure"));
      this.rows.set(place, item);
      return item;
    }

    level(item) {
      return Number(item.getAttribute("aria-level"));
    }

    open(item) {
      if (item.getAttribute("aria-expanded") !== "false") return;
      item.setAttribute("aria-expanded", "true");
      item.firstChild.textContent = "▾";
      item.after(...this.made(this.children[item.dataset.place], 0, this.level(item) + 1));
    }

    close(item) {
      if (item.getAttribute("aria-expanded") !== "true") return;
      item.setAttribute("aria-expanded", "false");
      item.firstChild.textContent = "▸";
      while (item.nextElementSibling && this.level(item.nextElementSibling) > this.level(item)) {
        this.rows.delete(Number(item.nextElementSibling.dataset.place));
        item.nextElementSibling.remove();
      }
    }

    parent(item) {
      let above = item.previousElementSibling;
      while (above && this.level(above) >= this.level(item)) above = above.previousElementSibling;
      return above;
    }

    showMore(item) {
      const parent = this.parent(item);
      const siblings = parent ? this.children[parent.dataset.place] : this.tops;
      const rows = this.made(siblings, Number(item.dataset.from), this.level(item));
      item.replaceWith(...rows);
      return rows[0];
    }

    choose(item, focus) {
      if (this.chosen) {
        this.chosen.setAttribute("aria-selected", "false");
        this.chosen.tabIndex = -1;
      }
      this.chosen = item;
      item.setAttribute("aria-selected", "true");
      item.tabIndex = 0;
      if (item.dataset.place !== undefined) this.show(Number(item.dataset.place));
      if (focus) {
        item.focus({preventScroll: true});
        item.scrollIntoView({block: "nearest"});
      }
    }

    clicked(event) {
      const item = event.target.closest("li");
      if (!item) return;
      if (item.dataset.from) return this.choose(this.showMore(item), true);
      this.choose(item, true);
      if (item.getAttribute("aria-expanded") === "false") this.open(item);
      else this.close(item);
    }

    pressed(event) {
      const item = event.target.closest("li");
      if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
      const go = (to) => to && this.choose(to, true);
      const isOpen = item.getAttribute("aria-expanded");
      const keys = {
        ArrowDown: () => go(item.nextElementSibling),
        ArrowUp: () => go(item.previousElementSibling),
        ArrowRight: () => (isOpen === "false" ? this.open(item) : isOpen && go(item.nextElementSibling)),
        ArrowLeft: () => (isOpen === "true" ? this.close(item) : go(this.parent(item))),
        Home: () => go(this.list.firstElementChild),
        End: () => go(this.list.lastElementChild),
        Enter: () => this.clicked(event),
        " ": () => this.clicked(event),
      };
      if (keys[event.key]) keys[event.key]();
      else if (event.key.length === 1) go(this.startingWith(event.key.toLowerCase(), item));
      else return;
      event.preventDefault();
    }

    startingWith(letter, from) {
      const items = [...this.list.children];
      const at = items.indexOf(from);
      return [...items.slice(at + 1), ...items.slice(0, at)].find(
        (item) => item.dataset.place && this.entries[item.dataset.place][NAME].toLowerCase().startsWith(letter));
    }

    names(place) {
      const names = [];
      for (let at = place; at >= 0 && names.length < MOST_TRAIL; at = this.entries[at][PARENT]) names.unshift(this.entries[at][NAME]);
      return names;
    }

    path(place) {
      const names = this.names(place);
      if (names.length === 1) return names[0];
      return names[0] === "/" ? `/${names.slice(1).join("/")}` : `…/${names.join("/")}`;
    }

    show(place) {
      const entry = this.entries[place];
      const list = element("dl");
      for (const [name, values, all] of entry[PROPERTIES]) {
        const told = element("dd");
        if (values === null) told.append(element("span", "values not seen", "unsure"));
        else if (!all) told.append(element("span", "no values", "unsure"));
        else {
          for (const value of values) {
            const cut = typeof value !== "string";
            const text = cut ? value[0] : value;
            told.append(element("span", text === "" ? '""' : text));
            if (cut) told.append(element("span", `cut: ${count(value[1])} characters`, "unsure"));
          }
          if (values.length < all) told.append(element("span", `${count(all - values.length)} more values`, "unsure"));
        }
        list.append(element("dt", name), told);
      }
      const about = [];
      if (!(entry[FLAGS] & WHOLE)) about.push("Not everything of it was seen.");
      if (!(entry[FLAGS] & ALL_CHILDREN)) about.push("It may hold directories that were not seen.");
      if (entry[FLAGS] & LOOSE) about.push("Where it belongs was not seen.");
      if (entry[OBJECT] !== null) about.push(`Directory id ${entry[OBJECT]}${entry[INSTANCE] === null ? "" : `, instance ${entry[INSTANCE]}`}.`);
      if (entry[LEARNED]) about.push(`Last told in frame ${count(entry[LEARNED][1])}${captureName(entry[LEARNED][0])}.`);
      this.sheet.replaceChildren(
        element("h4", entry[NAME]),
        ...(entry[PARENT] < 0 ? [] : [element("p", this.path(place), "trail")]),
        ...(entry[PROPERTIES].length ? [list] : [element("p", "No properties are known.", "note")]),
        element("p", about.join(" "), "note"));
    }

    reveal(place) {
      const way = [];
      for (let at = place; at >= 0; at = this.entries[at][PARENT]) way.unshift(at);
      way.forEach((at, step) => {
        while (!this.rows.has(at)) {
          const above = step ? this.rows.get(way[step - 1]) : null;
          const more = [...this.list.querySelectorAll("li[data-from]")].find((each) => this.parent(each) === above);
          if (!more) return;
          this.showMore(more);
        }
        if (at !== place) this.open(this.rows.get(at));
      });
      if (this.rows.has(place)) this.choose(this.rows.get(place), true);
    }

    text(place) {
      if (this.texts[place] === undefined) {
        const [, name, , , , , properties] = this.entries[place];
        this.texts[place] = `${name}\n${JSON.stringify(properties)}`.toLowerCase();
      }
      return this.texts[place];
    }
  }

  let captures;
  function captureName(number) {
    captures ??= shared().captures;
    return captures.length > 1 && captures[number] ? ` of ${captures[number]}` : "";
  }

  let trees;
  function all() {
    trees ??= [...document.querySelectorAll(".browser")].map((browser) => new Tree(browser));
    return trees;
  }

  netinfo.searched.push((words) => {
    const matches = document.getElementById("directory-matches");
    if (!matches) return 0;
    matches.replaceChildren();
    matches.hidden = true;
    if (!words.length) return 0;
    let hits = 0;
    for (const tree of all()) {
      for (let place = 0; place < tree.entries.length; place += 1) {
        if (!words.every((word) => tree.text(place).includes(word))) continue;
        hits += 1;
        if (hits > MATCHES) continue;
        const button = element("button", tree.path(place));
        button.type = "button";
        button.addEventListener("click", () => tree.reveal(place));
        const item = element("li");
        item.append(button);
        matches.append(item);
      }
    }
    if (hits > MATCHES) matches.append(element("li", `${count(hits - MATCHES)} more`, "note"));
    matches.hidden = !hits;
    return hits;
  });

  // After the page is painted.
  const later = window.requestIdleCallback ?? ((task) => setTimeout(task, 50));
  addEventListener("load", () => later(all));
  addEventListener("beforeprint", all);
})();
