/* Tables sort by a click on a heading and filter by words; on a narrow screen each cell knows its heading. */

const FEW = 8; /* rows that need no filter */
const powers = Object.fromEntries([..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"].map((sign, place) => [sign, "-0123456789"[place]]));

/* What a cell is sorted by: 1,250 or "> 100" or "7/8" or "3·10⁻⁷"; null where it holds no number. */
function number(text) {
  const found = text.replaceAll(",", "").match(/^\s*([<>]?)\s*([-−]?\d+(?:\.\d+)?)(?:\s*\/\s*(\d+))?/);
  if (!found) return null;
  const power = text.match(/10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/), base = Number(found[2].replace("−", "-"));
  const value = power ? (text.includes("·10") ? base : 1) * 10 ** Number([...power[1]].map((sign) => powers[sign]).join("")) : base / Number(found[3] ?? 1);
  return value + (found[1] === ">" ? 1e-6 : found[1] === "<" ? -1e-6 : 0) * Math.max(1, Math.abs(value));
}

function compare(a, b) {
  const [x, y] = [number(a), number(b)];
  if (x !== null && y !== null) return x - y;
  return x === null && y === null ? a.localeCompare(b) : x === null ? 1 : -1;
}

/* The headings that stand over one column each, by the place of that column; of a group, its heading comes before. */
function headings(table) {
  const grid = [];
  [...table.tHead.rows].forEach((row, down) => {
    let across = 0;
    for (const cell of row.cells) {
      while (grid[down]?.[across]) across += 1;
      for (let i = 0; i < cell.rowSpan; i += 1) for (let j = 0; j < cell.colSpan; j += 1) (grid[down + i] ??= [])[across + j] = cell;
      across += cell.colSpan;
    }
  });
  return grid.at(-1).map((cell, place) => ({ cell, place, name: [...new Set(grid.map((row) => row[place]))].map((one) => one.innerText.trim()).join(" ") }));
}

function sortable(table, body, columns) {
  const given = [...body.rows];
  for (const { cell, place } of columns) {
    if (cell.colSpan > 1 || !cell.textContent.trim()) continue;
    const sort = button("", { class: "sort" }, () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[cell.getAttribute("aria-sort") ?? "none"];
      const sign = next === "descending" ? -1 : 1, text = (row) => row.cells[place]?.innerText.split("\n")[0] ?? "";
      const ordered = next === "none" ? given : [...given].sort((a, b) => sign * compare(text(a), text(b)));
      for (const other of columns) other.cell.removeAttribute("aria-sort");
      if (next !== "none") cell.setAttribute("aria-sort", next);
      body.append(...ordered);
    });
    sort.append(...cell.childNodes);
    cell.append(sort);
  }
}

/* What an arm is stands in columns that can be folded: they are on the first screen, and where a row is a block. */
function folding(table) {
  if (!table.querySelector(".about")) return [];
  const names = [...new Set([...table.tHead.querySelectorAll(".about")].map((one) => one.textContent.trim()))].join(", ");
  const fold = button(names, { class: "fold" }, () => show(table.classList.toggle("folded")));
  const show = (folded) => fold.setAttribute("aria-expanded", String(!folded));
  const folded = table.closest("#answer") !== null || matchMedia("(max-width: 720px)").matches;
  show(table.classList.toggle("folded", folded));
  return [fold];
}

function filter(table, body) {
  if (body.rows.length <= FEW) return [];
  const left = make("span", { class: "left", role: "status" });
  const field = make("input", { type: "search", placeholder: "filter rows", "aria-label": `filter the rows of: ${table.caption?.innerText ?? table.closest("section").querySelector("h2").innerText}` });
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.classList.toggle("filtered", !words.every((word) => text.includes(word)));
    }
    left.textContent = words.length ? `${body.rows.length - body.querySelectorAll(".filtered").length} of ${body.rows.length} rows` : "";
  });
  return [field, left];
}

function tables() {
  for (const table of document.querySelectorAll("main table")) {
    const body = table.tBodies[0], columns = headings(table);
    for (const row of body.rows) columns.forEach(({ name, place }) => { if (row.cells[place]) row.cells[place].dataset.label = name; });
    table.classList.add("labelled");
    if (body.rows.length > 1) sortable(table, body, columns);
    const tools = [...filter(table, body), ...folding(table)];
    if (tools.length) (table.closest(".scroll") ?? table).before(make("div", { class: "filter" }, ...tools));
  }
}
