// One unit of an LSTM, step by step.
widgets.layers = (root, { steps, units }) => {
  const slider = part(root, "slider"), select = part(root, "unit");
  const drawings = [...document.querySelectorAll("#layers [data-drawing] svg")];
  const marks = drawings.map(upright);
  const lines = [...drawings[0].querySelectorAll("polyline")];
  function show() {
    const t = Number(slider.value), u = units[select.value], before = t ? u.c[t - 1] : 0;
    part(root, "step").textContent = t;
    part(root, "sees").textContent = t < steps.length ? `It sees: ${steps[t]}` : "It sees a blank, and answers on.";
    for (const name of ["forget", "candidate", "input", "output"]) {
      part(root, name).textContent = u[name][t].toFixed(3);
      part(root, `${name}-meter`).value = u[name][t];
    }
    const sum = `${u.forget[t]} · ${before} + ${u.input[t]} · ${u.candidate[t]}`;
    part(root, "cell").textContent = `c = f · c(before) + i · g = ${sum} = ${u.c[t]}`;
    part(root, "hidden").textContent = `h = o · tanh c = ${u.output[t]} · tanh ${u.c[t]} = ${u.h[t]}`;
    for (const move of marks) move(t);
    lines.forEach((line, i) => (line.style.opacity = i === Number(select.value) ? 1 : 0.25));
  }
  slider.oninput = select.onchange = show;
  show();
};
