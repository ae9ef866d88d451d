// In JupyterLab: a number's link shows where the number comes from, beside the text, without leaving the lesson.
// JupyterLab itself can open the notebook of all sources, and cannot go to one row of it.

const LATE = 4000; // milliseconds without an answer until the link is followed instead

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const { words, sources } = model.get("spec");
  el.replaceChildren(element("p", { class: "fl-hint" }, words.hint));
  const panel = () => el.closest(".jp-NotebookPanel");
  const dialog = element("dialog", { class: "fl-evidence", "aria-label": words.title });
  document.body.append(dialog);
  let asked = null;
  let late;

  function follow(link) {
    asked = { follow: link };
    link.click();
    asked = null;
  }

  function pressed(event) {
    const link = event.target.closest?.(`a[href*="${sources}"]`);
    if (!link?.hash || !panel()?.contains(link) || asked?.follow === link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    asked = { link, id: decodeURIComponent(link.hash.slice(1)) };
    model.send({ id: asked.id });
    clearTimeout(late);
    late = setTimeout(() => follow(link), LATE);
  }

  function answered({ id, lines }) {
    if (!asked || asked.id !== id) return;
    const { link } = asked;
    clearTimeout(late);
    asked = null;
    if (!lines) return follow(link);
    const [title, ...rest] = lines;
    const close = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, words.close);
    close.addEventListener("click", () => dialog.close());
    const all = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, words.all);
    all.addEventListener("click", () => {
      dialog.close();
      follow(link);
    });
    dialog.replaceChildren(element("p", { class: "fl-evidence-figure" }, title), ...rest.map((line) => element("p", {}, line)), element("div", { class: "fl-buttons" }, close, all));
    dialog.showModal();
    close.focus();
  }

  document.addEventListener("click", pressed, true);
  model.on("msg:custom", answered);
  return () => {
    clearTimeout(late);
    document.removeEventListener("click", pressed, true);
    model.off("msg:custom", answered);
    dialog.remove();
  };
}

export default { render };
