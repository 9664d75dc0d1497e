// A forget bias, and its line over the measured gradient.
widgets.bias = (root, { gap, last, longest }) => {
  const slider = part(root, "slider"), drawing = document.querySelector('#bias [data-drawing="line"] svg');
  const to = scale(drawing), line = drawing.querySelector(".bias-line");
  function show() {
    const b = Number(slider.value), keep = 1 / (1 + Math.exp(-b)), slope = Math.log10(keep);
    const end = Math.min(last, to.low / slope);
    line.setAttribute("d", `M${to.x(0)},${to.y(0)} ${to.x(end)},${to.y(slope * end)}`);
    part(root, "b").textContent = b.toFixed(1).replace("-", "−");
    const reached = gap && gap !== longest ? ` Left after gap ${gap}, which was bridged: ${power(slope * gap)}.` : "";
    part(root, "told").textContent = `The gate keeps ${keep.toFixed(3)} at each step; its time constant is ` +
      `${(-1 / Math.log(keep)).toFixed(1)} steps. Left after ${longest} steps: ${power(slope * longest)}.${reached}`;
  }
  slider.oninput = show;
  root.querySelectorAll("[data-b]").forEach((button) => (button.onclick = () => {
    slider.value = button.dataset.b;
    show();
  }));
  show();
};
