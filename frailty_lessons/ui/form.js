// A question: native controls for the answer, and what the kernel says of it. It does not know what is right.

let count = 0;

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const paragraphs = (text, attributes) => text.split("\n\n").map((part) => element("p", attributes, part));

function field(spec, id, draft, keepDraft) {
  // The controls of one kind of question, and a function that reads the answer (null while there is none).
  if (spec.kind === "choice" || spec.kind === "several") {
    const type = spec.kind === "choice" ? "radio" : "checkbox";
    const inputs = spec.options.map((_, place) => element("input", { type, name: id, id: `${id}-${place}`, value: place }));
    const rows = spec.options.map((text, place) => element("div", { class: "fl-option" }, inputs[place], element("label", { for: `${id}-${place}` }, text)));
    const chosen = () => inputs.filter((input) => input.checked).map((input) => Number(input.value));
    const read = () => (spec.kind === "choice" ? chosen()[0] ?? null : chosen());
    return [element("div", {}, ...rows), read];
  }
  if (spec.kind === "text") {
    const area = element("textarea", { id: `${id}-text`, rows: 4, "aria-labelledby": `${id}-prompt` });
    area.value = draft;
    let settled;
    area.addEventListener("input", () => {
      clearTimeout(settled);
      settled = setTimeout(() => keepDraft(area.value), 800);
    });
    return [area, () => area.value];
  }
  const probability = spec.kind === "probability";
  const input = probability
    ? element("input", { type: "range", min: 0, max: 100, step: 5, value: 50, "aria-labelledby": `${id}-prompt` })
    : element("input", { type: "number", step: "any", min: spec.least, max: spec.most, "aria-labelledby": `${id}-prompt ${id}-unit` });
  const unit = element("span", { id: `${id}-unit`, class: "fl-value" }, probability ? "50%" : spec.unit);
  if (probability) {
    const write = () => {
      unit.textContent = `${input.value}%`;
      input.setAttribute("aria-valuetext", `${input.value}%`);
    };
    input.addEventListener("input", write);
    write();
  }
  return [element("div", { class: "fl-number" }, input, unit), () => (input.value === "" ? null : Number(input.value))];
}

function sure(spec, id) {
  const inputs = spec.words.sure.map(([value], place) => element("input", { type: "radio", name: `${id}-sure`, id: `${id}-sure-${place}`, value }));
  const rows = spec.words.sure.map(([, text], place) => element("span", { class: "fl-option" }, inputs[place], element("label", { for: `${id}-sure-${place}` }, text)));
  const group = element("fieldset", { class: "fl-sure" }, element("legend", {}, spec.words.how_sure), element("div", {}, ...rows));
  return [group, () => Number(inputs.find((input) => input.checked)?.value ?? NaN)];
}

function feedback(spec, state) {
  const { right, words, options } = state.feedback;
  const verdict = right === null ? spec.words.kept : right ? spec.words.right : spec.words.wrong;
  const parts = [element("p", { class: right === false ? "fl-verdict fl-wrong" : "fl-verdict" }, verdict)];
  if (!options.length) parts.push(element("p", { class: "fl-answer" }, `${spec.words.yours} ${state.shown}`));
  if (options.length) {
    const rows = options.map((option) => {
      const mark = option.right ? spec.words.option_right : spec.words.option_wrong;
      const yours = option.chosen ? ` ${spec.words.chosen}` : "";
      const head = element("p", { class: "fl-option-text" }, element("strong", {}, `${mark}${yours}: `), option.text);
      return element("li", { class: option.right ? "fl-is-right" : "fl-is-wrong" }, head, ...paragraphs(option.why, {}));
    });
    parts.push(element("ul", { class: "fl-options" }, ...rows));
  }
  if (words) parts.push(...paragraphs(words, {}));
  return parts;
}

function render({ model, el }) {
  const spec = model.get("spec");
  const id = `fl-form-${spec.id}-${++count}`;
  const section = element("section", { class: "fl-form", "aria-labelledby": `${id}-prompt` });
  el.replaceChildren(section);
  let asked = false;
  let notice;

  const button = (text, action) => {
    const node = element("button", { type: "button" }, text);
    node.addEventListener("click", action);
    return node;
  };

  function say(text) {
    notice.textContent = text || "";
    notice.hidden = !text;
  }

  function draw() {
    const state = model.get("state");
    const parts = [element("p", { class: "fl-kind" }, spec.heading), ...paragraphs(spec.prompt, { class: "fl-prompt" })];
    parts[1].id = `${id}-prompt`;
    notice = element("p", { class: "fl-notice", role: "alert" });
    say(state.notice);
    if (state.feedback) {
      const box = element("div", { class: "fl-feedback", tabindex: "-1", role: "status" }, ...feedback(spec, state));
      parts.push(box, notice);
      if (spec.again) parts.push(button(spec.words.again, () => model.send({ again: true })));
      section.replaceChildren(...parts);
      if (asked) box.focus({ preventScroll: true });
      asked = false;
    } else {
      const [controls, read] = field(spec, id, state.draft || "", (draft) => model.send({ draft }));
      const [certainty, readSure] = spec.confidence ? sure(spec, id) : [null, () => null];
      const send = button(spec.words.answer, () => {
        const answer = read();
        const confidence = readSure();
        let missing = null;
        if (answer === null || answer.length === 0) missing = spec.words.no_answer;
        else if (spec.confidence && Number.isNaN(confidence)) missing = spec.words.not_sure;
        say(missing);
        if (missing) return;
        asked = true;
        model.send({ answer, confidence });
      });
      parts.push(controls);
      if (certainty) parts.push(certainty);
      parts.push(notice, send);
      section.replaceChildren(...parts);
    }
    // JupyterLab takes keys for itself unless the element that has the focus says otherwise.
    for (const node of section.querySelectorAll("input, textarea, button, [tabindex]")) node.setAttribute("data-lm-suppress-shortcuts", "true");
  }

  draw();
  // A kept draft, or an answer that was refused, leaves the form as the learner filled it.
  const redraw = () => {
    const { draft_kept, notice: refused, feedback: judged } = model.get("state");
    if (draft_kept) return;
    if (refused && !judged) say(refused);
    else draw();
  };
  model.on("change:state", redraw);
  return () => model.off("change:state", redraw);
}

export default { render };
