// A guess of the curve, by pointer or keyboard, laid over what was measured.
widgets.guess = (root, { gaps, arms }) => {
  const drawing = root.querySelector("svg"), to = scale(drawing), measured = part(document, "guess-measured");
  const dotted = (arm) => `fill:none;stroke:${arm.ink};stroke-width:2.5;stroke-dasharray:3 5`;
  const touched = arms.map(() => false);
  const guesses = arms.map(() => gaps.map(() => 0.5)), lines = [], handles = [];
  const chosen = () => Number(root.querySelector("input[name=arm]:checked").value);
  root.querySelector(".drawing").classList.add("draws");
  drawing.setAttribute("role", "group");

  arms.forEach((arm, i) => {
    lines.push(svg("polyline", { style: dotted(arm) }, drawing));
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
      const points = guesses[i].map((value, j) => `${place.x(j)},${place.y(value)}`).join(" ");
      svg("polyline", { class: "guessed", style: dotted(arm), points }, over);
      const off = arm.points.map((point) => Math.abs(point.share - guesses[i][gaps.indexOf(point.gap)]));
      const mean = off.reduce((sum, one) => sum + one, 0) / off.length;
      return `${arm.name}: off by ${Math.round(100 * mean)} points of 100 on average`;
    });
    const guessed = touched.includes(true) ? `Your guess (dotted): ${told.join("; ")}.` : "You have not guessed yet.";
    part(document, "guess-told").textContent = guessed;
  }
  drawing.onpointerdown = (event) => { event.preventDefault(); draw(event); };
  drawing.onpointermove = draw;
  root.querySelectorAll("input[name=arm]").forEach((radio) => (radio.onchange = show));
  measured.ontoggle = () => measured.open && compare();
  show();
};
