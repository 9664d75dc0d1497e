/* Figures answer: value, interval and runs of the point next to the pointer, or of the one that the keyboard is at. */

const REACH = 18; /* CSS pixels from the pointer to a point that answers */

function points(drawing, told) {
  const svg = drawing.querySelector("svg");
  const ring = document.createElementNS(svgSpace, "circle");
  const spots = told.points.map(([x, y, arm, ...texts]) => ({
    x, y, arm: told.texts[arm], texts: texts.slice(0, 3).map((place) => told.texts[place]), runs: told.sets[texts[3]],
  }));
  let at = -1;
  ring.setAttribute("class", "ring");
  ring.setAttribute("visibility", "hidden");
  svg.append(ring);

  function inside(spot) {
    const { x, y, width, height } = svg.viewBox.baseVal;
    return !off.has(spot.arm) && spot.x >= x && spot.x <= x + width && spot.y >= y && spot.y <= y + height;
  }

  function onScreen(spot) {
    return new DOMPoint(spot.x, spot.y).matrixTransform(svg.getScreenCTM());
  }

  function words(spot) {
    const [where, value, interval] = spot.texts;
    const runs = `${spot.runs.length} run${spot.runs.length === 1 ? "" : "s"}`;
    const lines = [where, make("b", {}, value), ...(interval ? [interval] : []), runs];
    return [...(spot.arm ? [make("span", { class: "of" }, spot.arm)] : []), ...lines.map((line) => make("span", {}, line))];
  }

  function show(place) {
    at = place;
    const spot = spots[at], { x, y } = onScreen(spot);
    const scale = svg.getScreenCTM().a;
    for (const [name, value] of Object.entries({ cx: spot.x, cy: spot.y, r: 8 / scale, visibility: "visible" })) ring.setAttribute(name, value);
    tell(words(spot), x, y);
  }

  function hide() {
    ring.setAttribute("visibility", "hidden");
    untell();
  }

  function nearest(event) {
    let best = -1, least = REACH;
    spots.forEach((spot, place) => {
      if (!inside(spot)) return;
      const { x, y } = onScreen(spot), distance = Math.hypot(x - event.clientX, y - event.clientY);
      if (distance < least) [best, least] = [place, distance];
    });
    return best;
  }

  function open() {
    const { x, y } = onScreen(spots[at]);
    pin(words(spots[at]), spots[at].runs, x, y, drawing);
  }

  function step(by) {
    for (let place = at + by; place >= 0 && place < spots.length; place += by) {
      if (inside(spots[place])) return show(place);
    }
  }

  svg.addEventListener("pointermove", (event) => {
    if (pinned) return;
    const found = nearest(event);
    if (found < 0) hide(); else show(found);
  });
  svg.addEventListener("pointerleave", () => { if (!pinned) hide(); });
  svg.addEventListener("click", (event) => {
    const found = nearest(event);
    if (found >= 0) { show(found); open(); }
  });
  drawing.tabIndex = 0;
  drawing.setAttribute("role", "application"); /* so that screen readers leave the arrow keys to it */
  drawing.setAttribute("aria-roledescription", "figure, its points by arrow keys");
  drawing.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) { step(by); event.preventDefault(); }
    if (event.key === "Enter" && at >= 0) { open(); event.preventDefault(); }
  });
  drawing.addEventListener("blur", () => { if (!pinned) hide(); });
}
