// A question: native controls for the answer, and what the kernel says of it. It does not know what is right.

const LOST = 8000; // milliseconds without an answer until the learner is told
const SETTLED = 800; // milliseconds after the last key until a text that is not finished is sent

let count = 0;

const paragraphs = (text, attributes) => text.split("\n\n").map((part) => element("p", attributes, part));

const small = (lines, attributes) => element("div", { class: "fl-more", ...attributes }, ...lines.map((line) => element("p", {}, line)));

// A text that the kernel has not kept yet stays in this tab, whatever becomes of the page or the kernel.
const unkept = {
  key: (spec) => `frailty-lessons: ${spec.key ?? ""} ${spec.prompt}`,
  read(spec) {
    try {
      return sessionStorage.getItem(this.key(spec));
    } catch {
      return null; // the browser allows no storage
    }
  },
  write(spec, text) {
    try {
      text === null ? sessionStorage.removeItem(this.key(spec)) : sessionStorage.setItem(this.key(spec), text);
    } catch {}
  },
};

function choices(type, options, id, begun, changed) {
  // Radio buttons or check boxes in rows, and a function that reads the values of those that are chosen.
  const inputs = options.map((_, place) => element("input", { type, name: id, id: `${id}-${place}` }));
  const rows = options.map(({ value, text, more = [] }, place) => {
    const label = element("label", { for: inputs[place].id }, text);
    inputs[place].checked = [begun].flat().includes(value);
    inputs[place].addEventListener("change", changed);
    if (!more.length) return element("div", { class: "fl-option" }, inputs[place], label);
    inputs[place].setAttribute("aria-describedby", `${inputs[place].id}-more`);
    const said = small(more, { id: `${inputs[place].id}-more` });
    said.addEventListener("click", () => inputs[place].click());
    return element("div", { class: "fl-option" }, inputs[place], element("div", {}, label, said));
  });
  return [rows, () => options.filter((_, place) => inputs[place].checked).map(({ value }) => value)];
}

function field(spec, id, begun, changed) {
  // The controls of one kind of question, and a function that reads the answer (null while there is none).
  // `begun` is an answer that was not finished; `changed` is called when it goes on.
  if (spec.kind === "choice" || spec.kind === "several") {
    const one = spec.kind === "choice";
    const options = spec.options.map((option, place) => (typeof option === "string" ? { value: place, text: option } : option));
    const [rows, chosen] = choices(one ? "radio" : "checkbox", options, id, begun, changed);
    return [element("div", {}, ...rows), () => (one ? chosen()[0] ?? null : chosen())];
  }
  if (spec.kind === "text") {
    const area = element("textarea", { id: `${id}-text`, rows: 4, "aria-labelledby": `${id}-prompt` });
    area.value = begun;
    area.addEventListener("input", changed);
    return [area, () => area.value];
  }
  if (spec.kind === "parts") return parts(spec, id, begun, changed);
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

function parts(spec, id, begun, changed) {
  // Several fields of one answer, which is read as an object by their names; `begun` is such an object as text.
  let known = {};
  try {
    known = JSON.parse(begun) ?? {};
  } catch {} // nothing was begun
  const fields = spec.parts.map((part) => [part, ...field(part, `${id}-${part.name}`, known[part.name] ?? "", changed)]);
  const groups = fields.map(([part, controls]) => {
    if (part.kind === "text") return element("div", { class: "fl-part" }, element("p", { id: `${id}-${part.name}-prompt` }, part.legend), controls);
    return element("fieldset", { class: part.in_a_row ? "fl-part fl-sure" : "fl-part" }, element("legend", {}, part.legend), controls);
  });
  return [element("div", { class: "fl-parts" }, ...groups), () => Object.fromEntries(fields.map(([part, , read]) => [part.name, read()]))];
}

function lacking(spec, answer) {
  // What to tell a learner who has not filled in all of it, or null.
  if (spec.kind === "parts") return spec.parts.find(({ name }) => answer[name] === null || answer[name].length === 0)?.missing ?? null;
  return answer === null || answer.length === 0 ? spec.words.no_answer : null;
}

function sure(spec, id) {
  const options = spec.words.sure.map(([value, text]) => ({ value, text }));
  const [rows, chosen] = choices("radio", options, `${id}-sure`, "", () => {});
  const group = element("fieldset", { class: "fl-sure" }, element("legend", {}, spec.words.how_sure), element("div", {}, ...rows));
  return [group, () => chosen()[0] ?? NaN];
}

function feedback(spec, state) {
  const { right, sure, words, options } = state.feedback;
  const verdict = state.feedback.verdict ?? (right === null ? spec.words.kept : right ? spec.words.right : spec.words.wrong);
  const head = element("p", { class: "fl-verdict" }, sure ? `${verdict} ${sure}` : verdict);
  const shown = state.feedback.shown ?? state.shown;
  const yours = shown ? [element("p", { class: "fl-answer" }, `${spec.words.yours} ${shown}`)] : [];
  const said = words ? paragraphs(words, {}) : [];
  const list = (some) => (some.length ? [element("ul", { class: "fl-options" }, ...some.map(item))] : []);
  const item = (option) => {
    const mark = option.mark ?? `${option.right ? spec.words.option_right : spec.words.option_wrong}${option.chosen ? ` ${spec.words.chosen}` : ""}:`;
    const text = element("p", {}, element("strong", {}, `${mark} `), option.text);
    return element("li", { class: option.mistake ? "fl-mistake" : option.right ? "fl-is-right" : "" }, text, ...(option.why ? paragraphs(option.why, {}) : []), ...(option.more?.length ? [small(option.more)] : []));
  };
  const rest = state.feedback.rest?.options.length ? [element("details", {}, element("summary", {}, state.feedback.rest.title), ...list(state.feedback.rest.options))] : [];
  return spec.kind === "parts" ? [head, ...yours, ...said, ...list(options), ...rest] : [head, ...yours, ...list(options), ...said];
}

function render({ model, el }) {
  // A state may bring a `card`: what the form shows now, in place of what the spec says.
  const now = () => ({ ...model.get("spec"), ...model.get("state").card });
  let spec = now();
  const id = `fl-form-${spec.id}-${++count}`;
  const section = element("section", { class: "fl-form", "aria-labelledby": `${id}-prompt` });
  el.replaceChildren(section);
  let asked = false;
  let again = false;
  let moved = false;
  let notice;
  let late;
  let settled;
  let unsent = null;

  const button = (text, action) => {
    const node = element("button", { type: "button" }, text);
    node.addEventListener("click", action);
    return node;
  };

  function say(text) {
    notice.textContent = text || "";
    notice.hidden = !text;
  }

  const lost = () => say(spec.words.lost);

  function written(text) {
    unkept.write(spec, text);
    unsent = text;
    clearTimeout(settled);
    settled = setTimeout(sendWritten, SETTLED);
  }

  function sendWritten() {
    clearTimeout(settled);
    if (unsent !== null) send({ draft: unsent });
    unsent = null;
  }

  function askAgain() {
    again = true;
    send({ again: true });
  }

  function move(message) {
    moved = true;
    sendWritten();
    send(message);
  }

  function send(message) {
    clearTimeout(late);
    late = setTimeout(lost, LOST);
    try {
      model.send(spec.key === undefined ? message : { ...message, key: spec.key });
    } catch {
      lost(); // the kernel that knew this form is gone
    }
  }

  function draw() {
    const state = model.get("state");
    spec = now();
    const heading = element("p", { class: "fl-kind" }, spec.heading);
    const prompt = paragraphs(spec.prompt, { class: "fl-prompt" });
    const parts = [heading, ...prompt, ...(spec.lines ?? []).map((line) => element("p", {}, line))];
    prompt[0].id = `${id}-prompt`;
    if (spec.again === false) section.dataset.prediction = state.feedback ? "made" : "open";
    notice = element("p", { class: "fl-notice", role: "alert" });
    say(state.notice);
    const more = (spec.buttons ?? []).map(({ text, send: message }) => button(text, () => move(message)));
    if (spec.kind === "page") {
      const rows = spec.rows.map(({ text, send: message, after }) => element("li", {}, button(text, () => move(message)), element("span", {}, after)));
      parts.push(element("ul", { class: "fl-list" }, ...rows), notice);
    } else if (state.feedback) {
      unkept.write(spec, null);
      const box = element("div", { class: "fl-feedback", tabindex: "-1", role: "status" }, ...feedback(spec, state));
      parts.push(box, notice);
      if (spec.again) parts.push(button(spec.words.again, askAgain));
    } else {
      const begun = unkept.read(spec);
      const changed = () => spec.kind === "text" ? written(read()) : spec.kind === "parts" && written(JSON.stringify(read()));
      const [controls, read] = field(spec, id, begun ?? state.draft ?? "", changed);
      if (begun !== null) send({ draft: begun });
      const [certainty, readSure] = spec.confidence ? sure(spec, id) : [null, () => null];
      const submit = button(spec.words.answer, () => {
        const answer = read();
        const confidence = readSure();
        const missing = lacking(spec, answer) ?? (spec.confidence && Number.isNaN(confidence) ? spec.words.not_sure : null);
        say(missing);
        if (missing) return;
        asked = true;
        clearTimeout(settled);
        unsent = null;
        send({ answer, confidence });
      });
      parts.push(controls);
      if (certainty) parts.push(certainty);
      parts.push(notice, submit);
      if (state.beside) parts.push(element("div", { class: "fl-feedback" }, element("p", { class: "fl-verdict" }, spec.words.beside), ...paragraphs(state.beside, {})));
    }
    if (more.length) parts.push(element("div", { class: "fl-buttons" }, ...more));
    if (spec.note) parts.push(element("p", { class: "fl-note" }, spec.note));
    section.replaceChildren(...parts);
    // A card may be taller than the window: the focus, and with it the window, goes to its beginning.
    const begin = spec.key !== undefined && (asked || moved) ? (asked && section.querySelector(".fl-verdict")) || heading : null;
    begin?.setAttribute("tabindex", "-1");
    // JupyterLab takes keys for itself unless the element that has the focus says otherwise.
    for (const node of section.querySelectorAll("input, textarea, button, summary, [tabindex]")) node.setAttribute("data-lm-suppress-shortcuts", "true");
    if (begin) begin.focus();
    else if (state.feedback && asked) section.querySelector(".fl-feedback").focus({ preventScroll: true });
    else if (again) section.querySelector("input, textarea").focus({ preventScroll: true });
    asked = again = moved = false;
  }

  draw();
  // A kept draft, or an answer that was refused, leaves the form as the learner filled it.
  const redraw = () => {
    const { draft, draft_kept, notice: refused, feedback: judged, card } = model.get("state");
    clearTimeout(late);
    if (draft_kept) {
      if (unkept.read(spec) === draft) unkept.write(spec, null);
      return say("");
    }
    if (refused && !judged && card?.key === spec.key) say(refused);
    else draw();
  };
  model.on("change:state", redraw);
  return () => {
    clearTimeout(late);
    model.off("change:state", redraw);
  };
}

export default { render };
