// Back through time, one link of the chain after the other.
widgets.unrolled = (root, { curves }) => {
  const slider = part(root, "slider");
  const move = upright(document.querySelector('#unrolled [data-drawing="gradient"] svg'));
  function show() {
    const lag = Number(slider.value), before = (n) => `h<sub>${n ? `T−${n}` : "T"}</sub>`;
    const links = Array.from({ length: lag }, (_, n) => `∂${before(n)}/∂${before(n + 1)}`);
    const short = [...links.slice(0, 2), `… ${links.length - 3} more …`, links[links.length - 1]];
    const shown = links.length > 4 ? short : links;
    const left = curves.map(({ name, log10 }) => `${name} ${power(log10[lag])}`);
    part(root, "lag").textContent = lag;
    part(root, "chain").innerHTML = `∂L/∂${before(lag)} = ${[`∂L/∂${before(0)}`, ...shown].join(" · ")}`;
    part(root, "told").textContent = `Left of the gradient: ${left.join("; ")}.`;
    part(root, "back").disabled = lag === Number(slider.max);
    move(lag);
  }
  slider.oninput = show;
  part(root, "back").onclick = () => { slider.value = Number(slider.value) + 1; show(); };
  part(root, "start").onclick = () => { slider.value = 0; show(); };
  show();
};
