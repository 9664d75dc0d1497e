// What can be touched in the lesson: each section has a script of its own, and here is what they share.
// Without scripts, everything can still be read.
"use strict";
const widgets = {};
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

// A line across a drawing, and how it is moved to a value.
function upright(drawing) {
  const { x, y, low, high } = scale(drawing), line = svg("line", { y1: y(low), y2: y(high) }, drawing);
  drawing.insertBefore(line, drawing.querySelector(".words"));
  line.style = "stroke:var(--accent);stroke-width:2";
  return (value) => ["x1", "x2"].forEach((end) => line.setAttribute(end, x(value)));
}

// A share that is given by its logarithm, as a reader expects it.
function power(log10) {
  if (log10 === null || log10 === undefined) return "not measured";
  const percent = 100 * 10 ** log10;
  if (log10 > -3) return `${percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
  const digit = Math.round(10 ** (log10 - Math.floor(log10))); // as seqbench.wording.from_log10
  const exponent = Math.floor(log10) + (digit === 10);
  return `${digit === 10 ? 1 : digit}·10` + String(exponent).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] || "⁻");
}

function start() {
  for (const root of document.querySelectorAll("[data-widget]")) {
    root.hidden = false;
    widgets[root.dataset.widget](root, data[root.dataset.widget]);
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
}
