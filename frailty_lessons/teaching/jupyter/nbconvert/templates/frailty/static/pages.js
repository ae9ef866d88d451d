// What a course page does by itself, beside Voilà's own script: puts outputs in their place, and says how far it is.

const coursePage = (() => {
  const LONGEST = 90000; // milliseconds until the learner is told that nothing came
  const READY = "The lesson is ready.";
  const STOPPED = "The lesson has stopped, so nothing that you do here now is kept. Please reload this page: all that was kept before is still there.";
  const CLOSED = "The explanation opens when you have made your prediction.";
  const LOOK_AFTER = 20000; // milliseconds between two looks whether the kernel is still there
  const status = () => document.getElementById("fl-status");

  const pageConfig = () => JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");

  function say(text, quiet) {
    status().textContent = text;
    status().classList.toggle("fl-quiet", quiet);
  }

  let tables = 0;

  // A table that is wider than the page gets a frame to scroll in, for the keyboard too.
  function frameTables(root) {
    for (const table of root.querySelectorAll(":is(.fl-text, .fl-html) table:not(.fl-wide > table)")) {
      const frame = document.createElement("div");
      frame.className = "fl-wide";
      const label = `Table ${++tables}`;
      table.replaceWith(frame);
      frame.append(table);
      const fit = () => {
        const wide = frame.scrollWidth > frame.clientWidth;
        if (wide === frame.hasAttribute("tabindex")) return;
        for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", label]]) {
          wide ? frame.setAttribute(name, value) : frame.removeAttribute(name);
        }
      };
      new ResizeObserver(fit).observe(frame);
    }
  }

  // A lesson that is left loses its kernel and begins anew: its sources open in one other tab.
  function openBeside(root) {
    for (const link of root.querySelectorAll("a[href]")) {
      const elsewhere = link.origin !== location.origin;
      if (!elsewhere && !(link.hash && link.pathname !== location.pathname)) continue;
      link.target = elsewhere ? "_blank" : link.pathname;
      if (elsewhere) link.rel = "noopener";
      link.title ||= "opens in another tab";
    }
  }

  // Voilà's script is large: only for pages with something live on them, and while other cells still run.
  function loadVoila() {
    if (document.getElementById("fl-voila")) return;
    const script = document.createElement("script");
    script.id = "fl-voila";
    script.src = `${pageConfig().fullStaticUrl}/voila.js`;
    document.head.append(script);
  }

  function place(index) {
    const output = document.getElementById(`fl-output-${index}`);
    const place = document.getElementById(`fl-place-${index}`);
    place.replaceChildren(...output.childNodes);
    output.remove();
    if (place.querySelector(".fl-widget")) loadVoila();
    frameTables(place);
    openBeside(place);
  }

  function goToFragment() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) location.replace(location.hash);
  }

  const xsrf = () => (document.cookie.match(/\b_xsrf=([^;]*)/) || [])[1];

  // Without this cookie the server refuses to end a kernel; where Voilà is part of another server, its list sets it.
  async function makeSureOfCookie() {
    if (!xsrf()) await fetch(`${pageConfig().baseUrl}voila/tree`).catch(() => {});
  }

  function endKernel() {
    const { baseUrl, kernelId } = pageConfig();
    const form = new FormData();
    form.append("_xsrf", xsrf() || "");
    if (kernelId) navigator.sendBeacon(`${baseUrl}voila/api/shutdown/${kernelId}`, form);
  }

  // Voilà's script ends the kernel on "beforeunload", once it runs; before that, and where there is no such event
  // (on phones), it is done here.
  let ending = "here";
  window.addEventListener("beforeunload", () => {
    if (ending === "by Voilà") ending = "done";
  });
  window.addEventListener("pagehide", () => ending !== "done" && endKernel());
  const late = setTimeout(() => say("The lesson does not come. Please reload this page.", false), LONGEST);

  function ready(text) {
    clearTimeout(late);
    say(text, text === READY);
  }

  function stopped() {
    clearInterval(watch);
    watch = null;
    say(STOPPED, false);
  }

  // A kernel ends while its page is open when memory runs out, or when a computer has slept for long.
  let watch = null;
  async function lookAfterKernel() {
    const { baseUrl, kernelId } = pageConfig();
    const answer = await fetch(`${baseUrl}api/kernels/${kernelId}`).catch(() => null);
    if (watch && answer?.status === 404) stopped();
  }
  document.addEventListener("visibilitychange", () => watch && !document.hidden && lookAfterKernel());
  // A kernel that was started anew in its place does not know what the page shows.
  window.addEventListener("error", (event) => watch && event.message.includes("Cannot send") && stopped());

  // What explains a prediction opens when the prediction was made.
  function closeExplanations() {
    for (const form of document.querySelectorAll(".fl-form[data-prediction]")) {
      const text = form.closest(".fl-place")?.nextElementSibling;
      if (!text?.matches(".fl-text")) continue;
      if (form.dataset.prediction === "open") text.dataset.closed = CLOSED;
      else delete text.dataset.closed;
    }
  }

  async function allPlaced() {
    goToFragment();
    await makeSureOfCookie();
    const widgets = [...document.querySelectorAll(".fl-widget")];
    const failed = document.querySelector(".fl-place .fl-failed");
    const text = failed ? "A part of this page could not be shown; the text is complete." : READY;
    if (!widgets.length) {
      endKernel();
      ending = "done";
      return ready(text);
    }
    const look = () => {
      if (widgets.some((widget) => !widget.querySelector(":is(section, input, button, svg, canvas, p)"))) return setTimeout(look, 100);
      ending = "by Voilà";
      ready(text);
      watch = setInterval(lookAfterKernel, LOOK_AFTER);
    };
    look();
  }

  document.addEventListener("DOMContentLoaded", () => {
    frameTables(document.querySelector("main"));
    openBeside(document.querySelector("main"));
    const predictions = new MutationObserver(closeExplanations);
    predictions.observe(document.querySelector("main"), { subtree: true, childList: true, attributeFilter: ["data-prediction"] });
  });
  // A page that the browser kept for the Back button has no kernel any more.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  // Voilà sends a sign of life while a cell takes long.
  window.voila_heartbeat = () => {};

  return { place, allPlaced };
})();
