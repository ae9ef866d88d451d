// The front end of an explorer, live and static. It decides nothing: it draws native controls, places the
// picture, the sentence and the table that it is given, and sends the state back.

const MOST_FRAMES = 600;
const SLOW = 250; // milliseconds until the old picture is marked as old
const LOST = 8000; // milliseconds without an answer until the learner is told
const SETTLED = 120; // milliseconds of rest after which the kernel is told where the controls are

let count = 0;

function keep(frames, key, frame) {
  frames.delete(key);
  frames.set(key, frame);
  if (frames.size > MOST_FRAMES) frames.delete(frames.keys().next().value);
}

// Shows the explorer of `data` in `root`. `ask` sends a message to the kernel, or is null where there is none.
// Returns a function that takes the kernel's messages: a frame, or a notice.
export function mount(root, data, ask, frames = new Map(Object.entries(data.frames))) {
  const words = data.words;
  const id = `fl-${data.name}-${++count}`;
  let state = data.state.slice();
  let slow, lost, settled;

  const sentence = element("p", { class: "fl-sentence", role: "status", "aria-live": "polite" });
  const notice = element("p", { class: "fl-notice", role: "alert", hidden: "" });
  const picture = element("div", { class: "fl-picture" });
  picture.innerHTML = data.still;
  const svg = picture.querySelector("svg");
  svg.setAttribute("role", "img");
  const moves = svg.querySelector(".fl-moves");

  const table = element("table", {});
  const details = element("details", {}, element("summary", {}, words.table), element("div", { class: "fl-table", tabindex: "0", role: "region", "aria-label": words.table }, table));
  let shown = null;

  function fillTable() {
    if (!details.open || !shown) return;
    const cell = (tag, scope) => (text) => element(tag, scope ? { scope } : {}, text);
    const head = element("tr", {}, ...shown.table.columns.map(cell("th", "col")));
    const rows = shown.table.rows.map(([first, ...rest]) => element("tr", {}, cell("th", "row")(first), ...rest.map(cell("td"))));
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }
  details.addEventListener("toggle", fillTable);

  function show(frame) {
    shown = frame;
    moves.innerHTML = frame.svg;
    svg.setAttribute("aria-label", frame.words);
    sentence.textContent = frame.words;
    fillTable();
    inputs.forEach((input) => input.open?.(frame.steps));
    picture.removeAttribute("aria-busy");
    clearTimeout(slow);
  }

  const inputs = data.controls.map((control, place) => {
    const name = `${id}-${control.name}`;
    const label = element("label", { for: name }, control.label);
    let input, write;
    if (control.kind === "decisions") return decisions(control, place);
    if (control.kind === "slider") {
      const value = element("span", { class: "fl-value", "aria-hidden": "true" });
      input = element("input", { type: "range", id: name, min: 0, max: control.texts.length - 1, step: 1 });
      write = (index) => {
        input.value = index;
        input.setAttribute("aria-valuetext", control.texts[index]);
        value.textContent = control.texts[index];
      };
      input.row = element("div", { class: "fl-control" }, element("div", { class: "fl-label" }, label, value), input);
    } else {
      input = element("select", { id: name }, ...control.texts.map((text, index) => element("option", { value: index }, text)));
      write = (index) => {
        input.value = index;
      };
      input.row = element("div", { class: "fl-control" }, element("div", { class: "fl-label" }, label), input);
    }
    input.write = write;
    input.addEventListener("input", () => move(place, Number(input.value)));
    const soon = () => tell(place);
    input.addEventListener("focus", soon);
    input.addEventListener("pointerenter", soon);
    return input;
  });

  // Steps that are taken one after another: a button each, of which those are open that the frame names.
  function decisions(control, place) {
    const group = element("div", { class: "fl-buttons fl-decisions", role: "group", "aria-label": control.label }, element("span", { "aria-hidden": "true" }, control.label));
    const ends = element("p", { class: "fl-caption", hidden: "" }, words.saved_ends);
    const buttons = control.texts.map((text, index) => {
      const node = button(text, () => {
        if (node.getAttribute("aria-disabled") === "false") move(place, state[place] + control.values[index]);
      });
      group.append(node);
      return node;
    });
    const known = (letter) => frames.has(state.map((value, index) => (index === place ? value + letter : value)).join(","));
    return {
      row: element("div", { class: "fl-control" }, group, ends),
      fresh: "",
      write: (value) => {
        group.dataset.value = value;
      },
      open: (letters) => {
        ends.hidden = ask || !letters || [...letters].some(known);
        buttons.forEach((node, index) => {
          const letter = control.values[index];
          node.setAttribute("aria-disabled", String(!letters.includes(letter) || (!ask && !known(letter))));
        });
      },
    };
  }

  function write() {
    inputs.forEach((input, place) => input.write(state[place]));
    cases.forEach((node, place) => node.setAttribute("aria-pressed", String(data.cases[place].state.join(",") === state.join(","))));
  }

  function move(place, value) {
    // Decisions belong to the values of the other controls, and to the picture that they were taken on.
    inputs.forEach((input, index) => {
      if (input.fresh !== undefined && inputs[place].fresh === undefined) state[index] = input.fresh;
      input.open?.("");
    });
    state[place] = value;
    write();
    arrive(place);
  }

  function arrive(place) {
    const key = state.join(",");
    const frame = frames.get(key);
    if (frame) {
      if (ask) keep(frames, key, frame); // a page without a kernel keeps all that it came with
      show(frame);
      tell(place);
    } else if (ask) {
      clearTimeout(settled);
      clearTimeout(slow);
      slow = setTimeout(() => picture.setAttribute("aria-busy", "true"), SLOW);
      clearTimeout(lost);
      lost = setTimeout(() => {
        notice.textContent = words.lost;
        notice.hidden = false;
      }, LOST);
      send({ state, control: place, draw: true }); // last: it fails where the kernel is gone
    } else {
      oneChange(place);
    }
  }

  // A page without a kernel, and without this frame: the other controls go back to the last whole start.
  function oneChange(place) {
    const value = state[place];
    state = origin.slice();
    state[place] = value;
    write();
    show(frames.get(state.join(",")));
  }

  function send(message) {
    ask({ ...message, state: message.state.slice() });
  }

  function tell(place) {
    if (!ask) return;
    clearTimeout(settled);
    settled = setTimeout(() => send({ state, control: place, draw: false }), SETTLED);
  }

  let origin = state.slice();
  function startFrom(start) {
    origin = start.slice();
    state = start.slice();
    write();
    arrive(null);
  }

  function button(text, action) {
    const node = element("button", { type: "button" }, text);
    node.addEventListener("click", action);
    return node;
  }
  const cases = data.cases.map(({ label, state: start }) => button(label, () => startFrom(start)));
  const buttons = element("div", { class: "fl-buttons", role: "group", "aria-label": words.cases });
  if (cases.length) buttons.append(element("span", { "aria-hidden": "true" }, words.cases), ...cases);
  const decides = data.controls.some((control) => control.kind === "decisions");
  buttons.append(button(decides ? words.start_over : words.reset, () => startFrom(data.start)));

  // On a page of its own the question is the page's heading.
  const question = element(ask ? "p" : "h1", { class: "fl-question", id: `${id}-question` }, data.question);
  const lookFor = element("ul", { class: "fl-look-for" }, ...data.lookFor.map((text) => element("li", {}, text)));
  const parts = [question];
  if (data.lookFor.length) parts.push(lookFor);
  parts.push(buttons, element("div", { class: "fl-controls" }, ...inputs.map((input) => input.row)));
  if (!ask) parts.push(element("p", { class: "fl-caption" }, data.complete ? words.saved : `${words.saved} ${words.one_change}`));
  parts.push(notice, sentence, element("figure", {}, picture, element("figcaption", { class: "fl-caption" }, data.caption)), details);
  const section = element("section", { class: "fl-explorer", "aria-labelledby": `${id}-question` }, ...parts);
  // JupyterLab takes arrow keys and letters for itself unless the element that has the focus says otherwise.
  for (const node of section.querySelectorAll("input, select, button, summary, .fl-table")) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  root.replaceChildren(section);
  write();
  show(frames.get(state.join(",")));

  return ({ key, frame, notice: problem }) => {
    if (problem) {
      notice.textContent = problem;
      notice.hidden = false;
      return;
    }
    keep(frames, key, frame);
    clearTimeout(lost);
    notice.hidden = true;
    if (key === state.join(",")) show(frame);
  };
}

// One model may be shown in several places, which share the frames that came.
export default () => {
  const frames = new Map();
  return {
    initialize({ model }) {
      for (const [key, frame] of Object.entries(model.get("opening").frames)) keep(frames, key, frame);
      model.send({ hello: true });
    },
    render({ model, el }) {
      const data = { ...model.get("spec"), ...model.get("opening") };
      const take = mount(el, data, (message) => model.send(message), frames);
      model.on("msg:custom", take);
      return () => model.off("msg:custom", take);
    },
  };
};
