// What a lesson needs in JupyterLab: it stays at its top when it is run, its explanations open with their predictions, and
// the link of a number or a word shows what stands behind it, beside the text, without leaving the lesson.
// JupyterLab itself can open the notebook of all sources or words, and cannot go to one row of it.

const RESTORED = 20000; // milliseconds within which a reloaded page shows what was there before
const QUIET = 30000; // milliseconds without a jump after which the page has settled
const ACTS = ["wheel", "touchstart", "pointerdown", "keydown"]; // what a reader does to move
const LATE = 4000; // milliseconds without an answer until the link is followed instead

// JupyterLab goes to the last cell of a lesson when it runs it, and again whenever an output grows: keep the reader
// where she pressed the button, until she moves herself or the page has been quiet.
function stay(el, pane) {
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  if (reloaded && performance.now() < RESTORED) return () => {}; // nothing was run: the reader is where she wants to be
  let quiet;
  function back() {
    clearTimeout(quiet);
    quiet = setTimeout(leave, QUIET);
    if (!el.getClientRects().length) pane.scrollTop = 0; // JupyterLab may hide cells that are far away
    else if (el.getBoundingClientRect().bottom < pane.getBoundingClientRect().top) el.scrollIntoView({ block: "center" });
  }
  function leave() {
    clearTimeout(quiet);
    pane.removeEventListener("scroll", back);
    for (const act of ACTS) document.removeEventListener(act, leave, true);
  }
  pane.addEventListener("scroll", back);
  for (const act of ACTS) document.addEventListener(act, leave, true);
  back();
  return leave;
}

// What explains a prediction opens when the prediction was made.
function closeExplanations(pane, closed) {
  for (const form of pane.querySelectorAll(".fl-form[data-prediction]")) {
    const text = form.closest(".jp-Cell")?.nextElementSibling;
    if (!text?.matches(".jp-MarkdownCell")) continue;
    if (form.dataset.prediction === "open") text.dataset.flClosed = closed;
    else delete text.dataset.flClosed;
  }
}

function openAll(pane) {
  for (const text of pane.querySelectorAll("[data-fl-closed]")) delete text.dataset.flClosed;
}

function render({ model, el }) {
  const { words, pages } = model.get("spec");
  el.replaceChildren(element("p", { class: "fl-hint" }, words.hint));
  const panel = () => el.closest(".jp-NotebookPanel");
  const dialog = element("dialog", { class: "fl-evidence" });
  document.body.append(dialog);
  let leave = () => {};
  requestAnimationFrame(() => {
    const pane = panel()?.querySelector(".jp-WindowedPanel-outer");
    if (!pane) return;
    const left = stay(el, pane);
    const close = () => closeExplanations(pane, words.closed);
    const predictions = new MutationObserver(close);
    predictions.observe(pane, { subtree: true, childList: true, attributeFilter: ["data-prediction"] });
    close();
    leave = () => {
      left();
      predictions.disconnect();
      openAll(pane);
    };
  });
  let asked = null;
  let late;

  function follow(link) {
    asked = { follow: link };
    link.click();
    asked = null;
  }

  function pressed(event) {
    const link = event.target.closest?.("a[href]");
    const page = link && Object.keys(pages).find((name) => link.getAttribute("href").includes(pages[name]));
    if (!page || !link.hash || !panel()?.contains(link) || asked?.follow === link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    asked = { link, page, id: decodeURIComponent(link.hash.slice(1)) };
    model.send({ page, id: asked.id });
    clearTimeout(late);
    late = setTimeout(() => follow(link), LATE);
  }

  function answered({ page, id, lines }) {
    if (!asked || asked.page !== page || asked.id !== id) return;
    const { link } = asked;
    clearTimeout(late);
    asked = null;
    if (!lines) return follow(link);
    const [title, ...rest] = lines;
    const close = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, words.close);
    close.addEventListener("click", () => dialog.close());
    const all = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, words[page].all);
    all.addEventListener("click", () => {
      dialog.close();
      follow(link);
    });
    dialog.replaceChildren(element("p", { class: "fl-evidence-figure" }, title), ...rest.map((line) => element("p", {}, line)), element("div", { class: "fl-buttons" }, close, all));
    dialog.setAttribute("aria-label", words[page].title);
    dialog.showModal();
    close.focus();
  }

  document.addEventListener("click", pressed, true);
  model.on("msg:custom", answered);
  return () => {
    leave();
    clearTimeout(late);
    document.removeEventListener("click", pressed, true);
    model.off("msg:custom", answered);
    dialog.remove();
  };
}

export default { render };
