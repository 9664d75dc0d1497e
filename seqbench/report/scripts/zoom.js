/* Zoom on the curves: a double click shows a panel alone; buttons, keys and the wheel with Ctrl come nearer; a drag moves. */

const MOST = 40;

function zoom(drawing, title) {
  const svg = drawing.querySelector("svg"), view = svg.viewBox.baseVal;
  const whole = [view.x, view.y, view.width, view.height];

  function show(x, y, width, height) {
    svg.setAttribute("viewBox", [x, y, width, height].map((value) => value.toFixed(2)).join(" "));
    drawing.classList.toggle("zoomed", width < whole[2] - 0.01);
  }

  function nearer(factor, centre) {
    const [, , full] = whole, width = Math.min(full, Math.max(full / MOST, view.width / factor));
    const scale = width / view.width, { x, y } = centre ?? { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    if (width === full) return show(...whole);
    return show(x - (x - view.x) * scale, y - (y - view.y) * scale, width, view.height * scale);
  }

  function place(event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  }

  function panel(event) {
    const own = event.target.closest(".panel");
    if (!own || drawing.classList.contains("zoomed")) return show(...whole);
    const { x, y, width, height } = own.getBBox(), ratio = whole[2] / whole[3];
    const wide = Math.max(width, height * ratio) + 8, high = wide / ratio;
    return show(x + width / 2 - wide / 2, y + height / 2 - high / 2, wide, high);
  }

  function drag(event) {
    if (!drawing.classList.contains("zoomed")) return;
    const from = place(event);
    const move = (moved) => {
      const to = place(moved);
      show(view.x + from.x - to.x, view.y + from.y - to.y, view.width, view.height);
    };
    svg.setPointerCapture(event.pointerId);
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerup", () => svg.removeEventListener("pointermove", move), { once: true });
  }

  svg.addEventListener("dblclick", panel);
  svg.addEventListener("pointerdown", drag);
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    nearer(event.deltaY < 0 ? 1.25 : 0.8, place(event));
  }, { passive: false });
  const acts = { "+": () => nearer(1.5), "−": () => nearer(1 / 1.5), "reset": () => show(...whole) };
  const names = { "+": "zoom in", "−": "zoom out", "reset": "show the whole figure" };
  title.append(make("span", { class: "tools" }, ...Object.keys(acts).map((sign) =>
    button(sign, { "aria-label": `${names[sign]}: ${title.textContent}`, title: names[sign] }, acts[sign]))));
  drawing.addEventListener("keydown", (event) => ({ "+": acts["+"], "-": acts["−"], "0": acts.reset }[event.key] ?? (() => {}))());
}
