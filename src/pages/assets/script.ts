/**
 * The pages' own script, at most 10 KB. Every page works without it. It sets the zone of times, holds live parts still
 * while somebody reads, asks only for changes, and adds keys to lists.
 */
export const script = `"use strict";
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("zone=" + encodeURIComponent(zone)))
    document.cookie = "zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax";

  // A live part asks for changes by its ETag. A 304 leaves it as it is.
  const tags = new WeakMap();
  const isLive = (element) => element instanceof Element && element.classList.contains("live");
  const busy = (part) => {
    if (document.hidden) return true;
    if (part.matches(":hover") && matchMedia("(hover: hover)").matches) return true;
    if (part.contains(document.activeElement) && document.activeElement !== document.body) return true;
    if (part.querySelector("[type=checkbox]:checked")) return true;
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.anchorNode !== null && part.contains(selection.anchorNode);
  };
  const say = (part, state) => {
    const word = part.querySelector(".live-word");
    if (word) word.textContent = state === "live" ? "Live" : state === "held" ? "Still while you read" : "Not up to date";
    part.dataset.state = state;
  };
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const part = ctx.sourceElement;
    if (!isLive(part)) return;
    if (busy(part)) {
      event.preventDefault();
      if (!document.hidden) say(part, "held");
      return;
    }
    const tag = tags.get(part);
    if (tag) ctx.request.headers["If-None-Match"] = tag;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (!isLive(ctx.sourceElement)) return;
    const response = ctx.response && ctx.response.raw;
    const fine = response && (response.status === 200 || response.status === 304);
    if (response && response.status === 200) tags.set(ctx.sourceElement, response.headers.get("etag"));
    ctx.sourceElement.dataset.fine = String(Boolean(fine));
    say(ctx.sourceElement, fine ? "live" : "old");
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const part of document.querySelectorAll(".live")) say(part, "live");
  });
  for (const event of ["htmx:error", "htmx:response:error"])
    document.addEventListener(event, (found) => {
      const part = found.detail && found.detail.ctx && found.detail.ctx.sourceElement;
      if (isLive(part)) say(part, "old");
    });
  addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll(".live")) say(part, "live");
  });

  // Keys of a list: its rows have data-row. Nothing happens while somebody types.
  const keys = [["j", "Next row"], ["k", "Row before"], ["o", "Open the row"], ["x", "Select the row"], ["?", "These keys"]];
  const showKeys = () => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Keys");
    for (const [key, words] of keys) {
      const line = dialog.appendChild(document.createElement("p"));
      line.appendChild(document.createElement("kbd")).textContent = key;
      line.append(" " + words);
    }
    const form = dialog.appendChild(document.createElement("form"));
    form.method = "dialog";
    form.appendChild(document.createElement("button")).textContent = "Close";
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target.matches("textarea, select, [contenteditable], input:not([type=checkbox])")) return;
    const rows = [...document.querySelectorAll("[data-row]")];
    if (rows.length === 0 || !keys.some(([one]) => one === key)) return;
    event.preventDefault();
    if (key === "?") return showKeys();
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const link = (row) => row && row.querySelector(".row-link");
    if (key === "o") { if (at >= 0) link(rows[at]).click(); return; }
    if (key === "x") {
      const box = at >= 0 ? rows[at].querySelector("[type=checkbox]") : null;
      if (box) box.click();
      return;
    }
    const next = link(rows[key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)]);
    if (next) next.focus();
  });

  // Buttons that need a script: copy a text, make a secret, write a path into the field that was edited last.
  document.documentElement.classList.add("scripted");
  let edited = null;
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.matches("[data-takes]")) edited = target;
  });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copies], [data-makes], [data-path]") : null;
    if (!button) return;
    const { copies, makes, path } = button.dataset;
    if (copies) {
      navigator.clipboard.writeText(document.getElementById(copies).textContent).then(() => {
        button.textContent = "Copied";
      }, () => getSelection().selectAllChildren(document.getElementById(copies)));
    }
    if (makes) {
      const field = document.getElementById(makes);
      const bytes = crypto.getRandomValues(new Uint8Array(24));
      field.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      field.type = "text";
      field.select();
    }
    if (path) {
      const field = edited && edited.isConnected ? edited : document.querySelector("[data-takes]");
      if (!field) return;
      field.setRangeText(field.dataset.takes === "cel" ? path : "{{ " + path + " }}", field.selectionStart, field.selectionEnd, "end");
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
`;
