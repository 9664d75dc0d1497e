/* The runs behind a point or a row: in a note beside it, each with its address in the dashboard and its command. */

const note = document.body.appendChild(make("div", { class: "tip", role: "status", "aria-live": "polite", "aria-label": "runs", hidden: "" }));
let pinned = null; /* what the note returns the focus to; null while it only follows the pointer */

function tell(told, x, y) {
  note.replaceChildren(...told);
  note.hidden = false;
  const room = document.documentElement;
  note.style.left = `${Math.max(4, Math.min(x + 14, room.clientWidth - note.offsetWidth - 8))}px`;
  const below = y + 14 + note.offsetHeight < room.clientHeight;
  note.style.top = `${below ? y + 14 : Math.max(4, y - 14 - note.offsetHeight)}px`;
}

function untell() {
  if (note.hidden) return;
  note.hidden = true;
  const back = pinned;
  pinned = null;
  note.classList.remove("pinned");
  note.setAttribute("role", "status");
  if (back && note.contains(document.activeElement)) back.focus({ preventScroll: true });
}

function pin(told, runs, x, y, back) {
  untell();
  pinned = back;
  note.classList.add("pinned");
  note.setAttribute("role", "dialog");
  const close = button("Close", { class: "close" }, () => { back.focus({ preventScroll: true }); untell(); });
  tell([close, ...told, listed(runs)], x, y);
  close.focus({ preventScroll: true });
}

function listed(runs) {
  return make("ul", { class: "runs" }, ...runs.map((index) => {
    const [id, task, arm, gap, seed, outcome, steps, command] = page.runs[index];
    const link = make("a", { href: page.address.replace("{run}", id), title: "in the dashboard, while it runs" }, id.slice(0, 8));
    const text = ` ${arm} on ${task}${gap ? `, gap ${gap}` : ""}, seed ${seed}: ${outcome || "no result"}${steps === "" ? "" : ` after ${steps.toLocaleString("en")} steps`}`;
    return make("li", {}, link, text, ...(command.length ? [make("code", {}, command.map((word) => page.words[word]).join(" "))] : []));
  }));
}

/* A row names its runs by what they are, here or around it: data-task (or tasks, between bars), data-arm, data-gap, data-seed. */
function ofRow(element) {
  const wanted = ["task", "arm", "gap", "seed"].map((name) => element.closest(`[data-${name}]`)?.dataset[name]);
  return [...page.runs.keys()].filter((index) =>
    wanted.every((value, place) => value === undefined || value.split(" | ").includes(String(page.runs[index][place + 1]))));
}

function rows() {
  for (const place of document.querySelectorAll("[data-runs]")) {
    const open = button("", { class: "of-row", title: "its runs" }, () => {
      const box = open.getBoundingClientRect(), runs = ofRow(open);
      pin([make("b", {}, `${runs.length} run${runs.length === 1 ? "" : "s"}`)], runs, box.left, box.bottom - 14, open);
    });
    open.append(...place.childNodes);
    place.replaceChildren(open);
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") untell(); });
  addEventListener("pointerdown", (event) => { if (pinned && !note.contains(event.target)) untell(); });
}
