// The progress panel: what was done, and the buttons to take it along, bring it back, or begin again.

const LOST = 8000; // milliseconds without an answer until the learner is told

let count = 0;

function render({ model, el }) {
  const { words, file } = model.get("spec");
  const id = `fl-progress-${++count}`;
  let late;
  const lost = () => {
    said.textContent = words.lost;
  };
  const send = (message) => {
    clearTimeout(late);
    late = setTimeout(lost, LOST);
    try {
      model.send(message);
    } catch {
      lost(); // the kernel that knew this panel is gone
    }
  };
  const said = element("p", { class: "fl-sentence", role: "status" });
  const button = (text, action) => {
    const node = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, text);
    node.addEventListener("click", action);
    return node;
  };
  const upload = element("input", { type: "file", accept: ".json,application/json", id, "data-lm-suppress-shortcuts": "true" });
  upload.addEventListener("change", async () => {
    if (upload.files.length) send({ upload: await upload.files[0].text() });
    upload.value = "";
  });
  const sure = element("p", { class: "fl-notice", hidden: "" }, `${words.really} `);
  const no = button(words.no, () => {
    sure.hidden = true;
    over.focus();
  });
  sure.append(
    button(words.yes, () => {
      sure.hidden = true;
      send({ start_over: true });
      over.focus();
    }),
    " ",
    no,
  );
  const over = button(words.start_over, () => {
    sure.hidden = false;
    no.focus();
  });
  const buttons = element(
    "div",
    { class: "fl-buttons" },
    button(words.download, () => send({ download: true })),
    element("span", {}, element("label", { for: id }, `${words.upload} `), upload),
    over,
  );
  el.replaceChildren(element("section", { class: "fl-form", "aria-label": words.progress }, said, buttons, sure));

  const write = () => {
    clearTimeout(late);
    said.textContent = model.get("state").words;
  };
  const save = (message) => {
    if (!message.text) return;
    const link = element("a", { href: URL.createObjectURL(new Blob([message.text], { type: "application/json" })), download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  write();
  model.on("change:state", write);
  model.on("msg:custom", save);
  return () => {
    clearTimeout(late);
    model.off("change:state", write);
    model.off("msg:custom", save);
  };
}

export default { render };
