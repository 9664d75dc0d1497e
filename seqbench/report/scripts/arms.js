/* One legend for the whole page: an arm that is switched off is gone from every figure and every table. */

const off = new Set();

function switches() {
  const sheet = document.head.appendChild(make("style"));
  const toggles = new Map();

  function show() {
    sheet.textContent = "@media screen {" + [...off].map((arm) => {
      const name = JSON.stringify(arm);
      return `[data-arm=${name}], [data-other=${name}] { display: none !important; } [data-key=${name}] { opacity: .25; }`;
    }).join(" ") + "}";
    for (const [arm, toggle] of toggles) toggle.setAttribute("aria-pressed", String(!off.has(arm)));
    all.disabled = off.size === 0;
  }

  function toggle(arm) {
    if (!off.delete(arm)) off.add(arm);
    show();
  }

  for (const entry of document.querySelectorAll("[data-toggle]")) {
    const arm = entry.dataset.toggle;
    toggles.set(arm, button("", { title: [entry.parentNode.title, "show or hide; double click shows it alone"].filter(Boolean).join(". ") }, () => toggle(arm)));
    toggles.get(arm).append(...entry.childNodes);
    toggles.get(arm).addEventListener("dblclick", () => {
      for (const other of toggles.keys()) if (other !== arm) off.add(other);
      off.delete(arm);
      show();
    });
    entry.replaceChildren(toggles.get(arm));
  }
  for (const key of document.querySelectorAll("[data-key]")) key.addEventListener("click", () => toggle(key.dataset.key));
  const all = button("Show all", {}, () => { off.clear(); show(); });
  document.querySelector(".arms").append(all);
  show();
}
