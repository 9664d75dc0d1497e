// What can be touched in the lesson. Without this script everything can still be read.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

// -- helpers ------------------------------------------------------------------------------------------------

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
const say = (element, text, good) => {
  element.textContent = text;
  element.className = good === undefined ? "" : good ? "good" : "bad";
};
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function svg(name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}

// Where a value lies in a drawing, and back.
function scale(drawing) {
  const { x, y } = JSON.parse(drawing.dataset.scale);
  const at = ([low, high, from, to]) => (value) => from + ((value - low) / (high - low)) * (to - from);
  const back = ([low, high, from, to]) => (place) => low + ((place - from) / (to - from)) * (high - low);
  return { x: at(x), y: at(y), fromX: back(x), fromY: back(y), left: x[2], right: x[3], low: y[0], high: y[1] };
}

function power(log10) {
  if (log10 === null || log10 === undefined) return "not measured";
  const percent = 100 * 10 ** log10;
  if (log10 > -3) return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
  const digits = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  return "about 10" + String(Math.round(log10)).replace(/./g, (digit) => digits[digit]);
}

// -- the task -----------------------------------------------------------------------------------------------

function task(root, { gaps, allowed }) {
  const names = Object.keys(gaps), slider = part(root, "slider"), stage = part(root, "stage");
  let number = 0, step = -1, timer = null;
  const sequence = () => gaps[names[slider.value]][number];
  const seen = () => step >= sequence().steps.length - 1;

  function reset(text) {
    clearInterval(timer);
    timer = null;
    step = -1;
    part(root, "gap").textContent = names[slider.value];
    part(root, "play").textContent = "play";
    const hint = document.createElement("small");
    hint.textContent = text || "Press “next step”, or “play”.";
    stage.replaceChildren(hint);
    part(root, "told").replaceChildren();
    part(root, "answer").value = "";
  }
  function next() {
    if (seen()) return ask();
    step += 1;
    const { steps } = sequence();
    const place = document.createElement("small");
    place.textContent = `step ${step + 1} of ${steps.length}`;
    stage.replaceChildren(steps[step], place);
    if (seen()) ask();
  }
  function ask() {
    clearInterval(timer);
    timer = null;
    part(root, "play").textContent = "play again";
    part(root, "answer").focus();
  }
  function play() {
    if (timer) { clearInterval(timer); timer = null; part(root, "play").textContent = "play"; return; }
    if (seen()) reset();
    part(root, "play").textContent = "pause";
    next();
    timer = setInterval(next, reduced ? 1200 : 600);
  }
  function check(event) {
    event.preventDefault();
    if (!seen()) return say(part(root, "told"), "See the whole sequence first.", false);
    const { answer, said, steps } = sequence(), mine = part(root, "answer").value.trim().toLowerCase().replace(",", ".");
    const right = allowed ? mine !== "" && Math.abs(Number(mine) - Number(answer)) < allowed : mine.replace(/\s/g, "") === answer;
    const told = part(root, "told"), first = document.createElement("p"), all = document.createElement("p");
    say(first, right ? `Right: ${answer}.` : `Not right: it was ${answer}.`, right);
    all.textContent = "The whole sequence: " + steps.join(" ");
    told.replaceChildren(first, all, ...said.map((network) => {
      const line = document.createElement("div");
      line.textContent = `${network.arm} said ${network.text}: ${network.right ? "right" : "wrong"}`;
      return line;
    }));
  }
  slider.oninput = () => reset();
  part(root, "next").onclick = next;
  part(root, "play").onclick = play;
  part(root, "another").onclick = () => { number = (number + 1) % gaps[names[slider.value]].length; reset(`Sequence ${number + 1}. Press “next step”, or “play”.`); };
  part(root, "form").onsubmit = check;
  reset();
}

// -- the guess ----------------------------------------------------------------------------------------------

function guess(root, { gaps, arms }) {
  const drawing = root.querySelector("svg"), to = scale(drawing), measured = part(document, "guess-measured");
  const touched = arms.map(() => false);
  const guesses = arms.map(() => gaps.map(() => 0.5)), lines = [], handles = [];
  const chosen = () => Number(root.querySelector("input[name=arm]:checked").value);
  root.querySelector(".drawing").classList.add("draws");
  drawing.setAttribute("role", "group");

  arms.forEach((arm, i) => {
    lines.push(svg("polyline", { style: `fill:none;stroke:${arm.ink};stroke-width:2.5`, "stroke-dasharray": "3 5" }, drawing));
    handles.push(gaps.map((gap, j) => {
      const handle = svg("circle", { r: 9, tabindex: 0, role: "slider", "aria-valuemin": 0, "aria-valuemax": 100,
        "aria-label": `guess for ${arm.name} at gap ${gap}, percent`, style: `fill:${arm.ink}`, cx: to.x(j) }, drawing);
      handle.onkeydown = (event) => {
        const change = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1 }[event.key];
        if (!change) return;
        event.preventDefault();
        set(i, j, guesses[i][j] + change);
      };
      return handle;
    }));
  });
  function set(i, j, value) {
    guesses[i][j] = clamp(Math.round(value * 20) / 20, 0, 1);
    touched[i] = true;
    show();
  }
  function show() {
    arms.forEach((_, i) => {
      const mine = i === chosen();
      lines[i].setAttribute("points", guesses[i].map((value, j) => `${to.x(j)},${to.y(value)}`).join(" "));
      lines[i].style.display = mine || touched[i] ? "" : "none";
      handles[i].forEach((handle, j) => {
        handle.setAttribute("cy", to.y(guesses[i][j]));
        handle.setAttribute("aria-valuenow", Math.round(100 * guesses[i][j]));
        handle.style.display = mine ? "" : "none";
      });
    });
    if (measured.open) compare();
  }
  function draw(event) {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = drawing.getBoundingClientRect(), unit = drawing.viewBox.baseVal.width / box.width;
    const j = clamp(Math.round(to.fromX((event.clientX - box.left) * unit)), 0, gaps.length - 1);
    set(chosen(), j, to.fromY((event.clientY - box.top) * unit));
  }
  function compare() {
    const over = measured.querySelector("svg"), place = scale(over);
    over.querySelectorAll(".guessed").forEach((line) => line.remove());
    const told = arms.map((arm, i) => {
      if (!touched[i]) return `no guess for ${arm.name}`;
      svg("polyline", { class: "guessed", style: `fill:none;stroke:${arm.ink};stroke-width:2`, "stroke-dasharray": "3 5",
        points: guesses[i].map((value, j) => `${place.x(j)},${place.y(value)}`).join(" ") }, over);
      const off = arm.points.map((point) => Math.abs(point.share - guesses[i][gaps.indexOf(point.gap)]));
      return `${arm.name}: off by ${Math.round((100 * off.reduce((a, b) => a + b, 0)) / off.length)} points of 100 on average`;
    });
    part(document, "guess-told").textContent = `Your guess (dotted): ${told.join("; ")}.`;
  }
  drawing.onpointerdown = (event) => { event.preventDefault(); draw(event); };
  drawing.onpointermove = draw;
  root.querySelectorAll("input[name=arm]").forEach((radio) => (radio.onchange = show));
  measured.ontoggle = () => measured.open && compare();
  show();
}

// -- the gradient -------------------------------------------------------------------------------------------

function unrolled(root, { curves }) {
  const slider = part(root, "slider"), drawing = document.querySelector('#unrolled [data-drawing="gradient"] svg');
  const to = scale(drawing), mark = svg("line", { y1: to.y(to.low), y2: to.y(to.high), style: "stroke:var(--accent);stroke-width:2" }, drawing);
  function show() {
    const lag = Number(slider.value), before = (n) => (n ? `h(T−${n})` : "h(T)");
    const links = Array.from({ length: lag }, (_, n) => `∂${before(n)}/∂${before(n + 1)}`);
    const shown = links.length > 4 ? [...links.slice(0, 2), `… ${links.length - 3} more …`, links[links.length - 1]] : links;
    part(root, "lag").textContent = lag;
    part(root, "chain").textContent = `∂L/∂${before(lag)} = ${["∂L/∂h(T)", ...shown].join(" · ")}`;
    part(root, "told").textContent = `Left of the gradient: ${curves.map(({ name, log10 }) => `${name} ${power(log10[lag])}`).join("; ")}.`;
    mark.setAttribute("x1", to.x(lag));
    mark.setAttribute("x2", to.x(lag));
  }
  slider.oninput = show;
  part(root, "back").onclick = () => { slider.value = Number(slider.value) + 1; show(); };
  part(root, "start").onclick = () => { slider.value = 0; show(); };
  show();
}

function bias(root, { gap, last, longest }) {
  const slider = part(root, "slider"), drawing = document.querySelector('#bias [data-drawing="line"] svg');
  const to = scale(drawing), line = drawing.querySelector(".bias-line");
  function show() {
    const b = Number(slider.value), keep = 1 / (1 + Math.exp(-b)), slope = Math.log10(keep);
    const end = Math.min(last, to.low / slope);
    line.setAttribute("points", `${to.x(0)},${to.y(0)} ${to.x(end)},${to.y(slope * end)}`);
    part(root, "b").textContent = b.toFixed(1);
    const reached = gap ? ` Left after the gap of ${gap} that was bridged: ${power(slope * gap)}.` : "";
    part(root, "told").textContent = `The gate keeps ${keep.toFixed(3)} at each step; its time constant is ` +
      `${(-1 / Math.log(keep)).toFixed(1)} steps. Left after ${longest} steps: ${power(slope * longest)}.${gap === longest ? "" : reached}`;
  }
  slider.oninput = show;
  show();
}

// -- inside -------------------------------------------------------------------------------------------------

function layers(root, { steps, units }) {
  const slider = part(root, "slider"), select = part(root, "unit");
  const drawings = [...document.querySelectorAll("#layers [data-drawing] svg")];
  const marks = drawings.map((drawing) => { const to = scale(drawing); return [to, svg("line", { y1: to.y(to.low), y2: to.y(to.high), style: "stroke:var(--accent);stroke-width:2" }, drawing)]; });
  const lines = [...drawings[0].querySelectorAll("polyline")];
  function show() {
    const t = Number(slider.value), u = units[select.value], before = t ? u.c[t - 1] : 0;
    part(root, "step").textContent = t;
    part(root, "sees").textContent = t < steps.length ? `It sees: ${steps[t]}` : "It sees a blank, and answers on.";
    for (const name of ["forget", "candidate", "input", "output"]) {
      part(root, name).textContent = u[name][t].toFixed(3);
      part(root, `${name}-meter`).value = u[name][t];
    }
    part(root, "cell").textContent = `c = f · c(before) + i · g = ${u.forget[t]} · ${before} + ${u.input[t]} · ${u.candidate[t]} = ${u.c[t]}`;
    part(root, "hidden").textContent = `h = o · tanh c = ${u.output[t]} · tanh ${u.c[t]} = ${u.h[t]}`;
    for (const [to, mark] of marks) { mark.setAttribute("x1", to.x(t)); mark.setAttribute("x2", to.x(t)); }
    lines.forEach((line, i) => (line.style.opacity = i === Number(select.value) ? 1 : 0.25));
  }
  slider.oninput = select.onchange = show;
  show();
}

function failures(root, { runs }) {
  root.querySelectorAll(".choose").forEach((row) => (row.hidden = false));
  root.querySelectorAll("select").forEach((select) => (select.onchange = () => {
    const run = runs[select.dataset.run], told = root.querySelector(`[data-told="${select.dataset.run}"]`);
    if (!select.value) return say(told, "");
    const right = select.value === run.label, why = run.evidence ? `: ${run.evidence}` : "";
    say(told, right ? `Yes, ${run.label}${why}.` : "The analysis says something else. Look again at where the curve ends.", right);
  }));
}

// -- all of them --------------------------------------------------------------------------------------------

const widgets = { task, guess, unrolled, bias, layers, failures };
for (const root of document.querySelectorAll("[data-widget]")) {
  root.hidden = false;
  widgets[root.dataset.widget](root, data[root.dataset.widget]);
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
