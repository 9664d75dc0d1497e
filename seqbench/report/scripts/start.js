/* All of it at once; on paper everything that is folded is open. */

switches();
rows();
tables();
for (const figure of document.querySelectorAll("figure")) {
  const drawing = figure.querySelector(".drawing");
  zoom(drawing, figure.querySelector("h3"));
  if (page.figures[figure.id]) points(drawing, page.figures[figure.id]);
}
for (const frame of document.querySelectorAll(".scroll, .arms")) {
  const show = () => frame.classList.toggle("more", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 2);
  frame.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(frame);
}
const folded = [];
addEventListener("beforeprint", () => {
  folded.push(...document.querySelectorAll("details:not([open])"));
  for (const one of folded) one.open = true;
});
addEventListener("afterprint", () => { for (const one of folded.splice(0)) one.open = false; });
