// Each curve is to be given its label.
widgets.failures = (root, { runs }) => {
  root.querySelectorAll(".choose").forEach((row) => (row.hidden = false));
  root.querySelectorAll("select").forEach((select) => (select.onchange = () => {
    const run = runs[select.dataset.run], told = root.querySelector(`[data-told="${select.dataset.run}"]`);
    if (!select.value) return say(told, "");
    const right = select.value === run.label, why = run.evidence ? `: ${run.evidence}` : "";
    say(told, right ? `Yes, ${run.label}${why}.` : `The analysis says something else. ${run.reading}`, right);
  }));
};
