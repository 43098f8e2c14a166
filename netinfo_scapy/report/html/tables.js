// Sorting of tables, and the search that goes through tables, findings and directories.
// Other scripts take part in the search by `netinfo.searched`: each is given the words, and gives a number of hits.
const netinfo = {searched: []};
(() => {
  "use strict";
  const compare = new Intl.Collator("en", {numeric: true}).compare;

  function sort(table, column, numeric) {
    const head = table.tHead.rows[0].cells[column];
    const descending = head.ariaSort ? head.ariaSort === "ascending" : numeric;
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [row.cells[column].dataset.key, row]);
    const order = numeric ? (one, other) => one - other : compare;
    // What has no value comes last either way.
    keyed.sort(([one], [other]) =>
      one === "" || other === "" ? (one === "") - (other === "") : (descending ? -1 : 1) * order(one, other));
    body.append(...keyed.map(([, row]) => row));
  }

  for (const table of document.querySelectorAll("table")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      const keys = [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.key);
      const numeric = keys.every((key) => key === "" || !Number.isNaN(Number(key)));
      button.addEventListener("click", () => sort(table, column, numeric));
    });
  }

  const tables = [...document.querySelectorAll("table[data-search]")];
  const findings = [...document.querySelectorAll(".finding")];
  const severities = document.getElementById("severities");
  const status = document.getElementById("search-status");
  const field = document.getElementById("search");
  const texts = new WeakMap();
  const has = (element, words) => {
    let text = texts.get(element);
    if (text === undefined) texts.set(element, (text = element.textContent.toLowerCase()));
    return words.every((word) => text.includes(word));
  };

  function searchTables(words) {
    let hits = 0;
    for (const table of tables) {
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !has(row, words);
        shown += !row.hidden;
      }
      const note = table.caption.querySelector(".shown");
      note.hidden = words.length === 0;
      note.textContent = `${shown.toLocaleString("en")} of ${table.tBodies[0].rows.length.toLocaleString("en")} rows`;
      hits += shown;
    }
    return hits;
  }

  function searchFindings(words) {
    const chosen = severities ? [...severities.querySelectorAll("input:checked")].map((each) => each.value) : [];
    let hits = 0;
    for (const each of findings) {
      each.hidden = !(chosen.includes(each.dataset.severity) && has(each, words));
      hits += !each.hidden;
    }
    const nothing = document.getElementById("findings-nothing");
    if (nothing) nothing.hidden = hits > 0;
    return hits;
  }

  function search() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const counts = [
      [searchTables(words), "row", "rows"],
      [searchFindings(words), "finding", "findings"],
      [netinfo.searched.reduce((sum, each) => sum + each(words), 0), "directory", "directories"],
    ];
    const told = counts.map(([count, one, many]) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`);
    status.textContent = words.length ? told.join(", ") : "";
  }

  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  field.form.hidden = false;
  if (severities) {
    severities.hidden = false;
    severities.addEventListener("change", search);
  }
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !field.value) return;
    field.value = "";
    search();
  });
})();
