// One unit of an LSTM, step by step; steps are counted from 1.
widgets.layers = (root, { steps, units }) => {
  const slider = part(root, "slider"), select = part(root, "unit");
  const drawings = ["cell", "plain"].map((name) => document.querySelector(`#layers [data-drawing="${name}"] svg`));
  const marks = drawings.map(upright);
  const lines = [...drawings[0].querySelectorAll("path")];
  const told = (value) => String(value).replace("-", "−");
  const factor = (value) => (value < 0 ? `(${told(value)})` : told(value));
  function bar(name, value) {
    const whole = part(root, `${name}-bar`), inner = whole.firstElementChild.style, both = whole.classList.contains("both");
    const width = Math.abs(value) * (both ? 50 : 100);
    inner.width = `${width}%`;
    inner.left = both ? `${value < 0 ? 50 - width : 50}%` : 0;
  }
  function show() {
    const t = Number(slider.value) - 1, u = units[select.value], before = t ? u.c[t - 1] : 0;
    part(root, "step").textContent = t + 1;
    part(root, "sees").textContent = t < steps.length ? `It sees: ${steps[t]}` : "It sees a blank, and answers on.";
    for (const name of ["forget", "candidate", "input", "output"]) {
      part(root, name).textContent = told(u[name][t].toFixed(3));
      bar(name, u[name][t]);
    }
    const sum = `${u.forget[t]} · ${factor(before)} + ${u.input[t]} · ${factor(u.candidate[t])}`;
    part(root, "cell").textContent = `c = f · c(before) + i · g = ${sum} = ${told(u.c[t])}`;
    part(root, "hidden").textContent = `h = o · tanh c = ${u.output[t]} · tanh ${factor(u.c[t])} = ${told(u.h[t])}`;
    for (const move of marks) move(t + 1);
    lines.forEach((line, i) => (line.style.opacity = i === Number(select.value) ? 1 : 0.25));
  }
  slider.oninput = select.onchange = show;
  show();
};
