// A sequence goes by step by step; then it is answered.
widgets.task = (root, { gaps, allowed, waits }) => {
  const names = Object.keys(gaps), slider = part(root, "slider"), stage = part(root, "stage");
  let number = 0, step = -1, timer = null;
  const sequence = () => gaps[names[slider.value]][number];
  const seen = () => step >= sequence().steps.length - 1;

  function reset(text) {
    clearInterval(timer);
    timer = null;
    step = -1;
    part(root, "gap").textContent = names[slider.value];
    part(root, "waits").textContent = waits[names[slider.value]];
    part(root, "play").textContent = "play";
    part(root, "next").disabled = false;
    const hint = document.createElement("small");
    hint.textContent = text || "Press “next step”, or “play”.";
    stage.replaceChildren(hint);
    tell();
    part(root, "answer").value = "";
  }
  function tell(...lines) {
    part(root, "told").replaceChildren(...lines.map(([text, good]) => {
      const line = document.createElement("p");
      say(line, text, good);
      return line;
    }));
  }
  function next() {
    if (step < 0) tell();
    if (!seen()) step += 1;
    const { steps } = sequence();
    const place = document.createElement("small");
    place.textContent = `step ${step + 1} of ${steps.length}${seen() ? ": now answer below" : ""}`;
    stage.replaceChildren(steps[step], place);
    if (seen()) ask();
  }
  function ask() {
    clearInterval(timer);
    timer = null;
    part(root, "next").disabled = true;
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
    if (!seen()) return tell(["See the whole sequence first.", false]);
    const { answer, said, steps } = sequence();
    const mine = part(root, "answer").value.toLowerCase().replace(/\s/g, "").replace(",", ".");
    const right = allowed ? mine !== "" && Math.abs(mine - answer) < allowed : mine === answer;
    tell([right ? `Right: ${answer}.` : `Not right: it was ${answer}.`, right],
      ["The whole sequence: " + steps.join(" ")],
      ...said.map((one) => [`${one.arm} said ${one.text}: ${one.right ? "right" : "wrong"}`]));
  }
  slider.oninput = () => reset();
  part(root, "next").onclick = next;
  part(root, "play").onclick = play;
  part(root, "another").onclick = () => {
    number = (number + 1) % gaps[names[slider.value]].length;
    reset(`Sequence ${number + 1}. Press “next step”, or “play”.`);
  };
  part(root, "form").onsubmit = check;
  reset();
};
