/**
 * The pages' own script, at most 10 KB. Every page works without it. It sets the zone of times, holds live parts still
 * while somebody reads, asks only for changes, adds keys to lists, and completes paths.
 */
export const script = `"use strict";
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("zone=" + encodeURIComponent(zone)))
    document.cookie = "zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax";

  // A live part asks for changes by its ETag. A 304 leaves it as it is.
  const tags = new WeakMap();
  const isLive = (element) => element instanceof Element && element.classList.contains("live");
  const follows = (element) => element instanceof Element && element.classList.contains("follows");
  const busy = (part) => {
    if (document.hidden) return true;
    if (part.matches(":hover") && matchMedia("(hover: hover)").matches) return true;
    if (part.contains(document.activeElement) && document.activeElement !== document.body) return true;
    if (part.querySelector("[type=checkbox]:checked")) return true;
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.anchorNode !== null && part.contains(selection.anchorNode);
  };
  const say = (part, state) => {
    const word = (part.closest(".previews") || part).querySelector(".live-word");
    if (word) word.textContent = { live: "Live", held: "Still while you read", asks: "Asking" }[state] || "Not up to date";
    part.dataset.state = state;
  };
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const part = ctx.sourceElement;
    if (follows(part)) say(part, "asks");
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
    if (!isLive(ctx.sourceElement) && !follows(ctx.sourceElement)) return;
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
      if (isLive(part) || follows(part)) say(part, "old");
    });
  addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll(".live, .follows")) say(part, "live");
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

  // Buttons that need a script: copy a text, make a secret.
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copies], [data-makes]") : null;
    if (!button) return;
    const { copies, makes } = button.dataset;
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
  });

  // A click on a value writes its path at the cursor of the field that was edited last.
  const into = () => document.getElementById("field-into");
  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
  const write = (field, path, start, end) => {
    const open = field.value.slice(0, start).replace(/{{.*?}}/gs, "");
    const inBraces = open.includes("{{");
    const closed = /^[^{]*}}/.test(field.value.slice(end));
    const text = field.dataset.takes === "cel" ? path : (inBraces ? "" : "{{ ") + path + (inBraces && closed ? "" : " }}");
    field.focus();
    field.setRangeText(text, start, end, "end");
  };
  document.addEventListener("focusin", ({ target }) => {
    if (into() && target instanceof Element && target.matches("[data-takes]")) into().value = target.name;
  });
  document.addEventListener("click", (event) => {
    const value = event.target instanceof Element ? event.target.closest("[data-path]") : null;
    const field = value && into() && document.getElementById("field-" + into().value);
    if (!field) return;
    event.preventDefault();
    const more = field.closest("details");
    if (more) more.open = true;
    write(field, value.dataset.path, field.selectionStart, field.selectionEnd);
    changed(field);
  });

  // Paths of the payload complete what is typed. Arrows choose, Enter and Tab take, Escape closes.
  const list = document.createElement("ul");
  list.id = "paths";
  list.className = "paths";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Paths of the payload");
  let completed = null;
  const close = () => {
    if (completed) for (const name of ["aria-controls", "aria-activedescendant", "aria-autocomplete"]) completed.field.removeAttribute(name);
    completed = null;
    list.remove();
  };
  const choose = (index) => {
    const options = list.children;
    completed.at = (index + options.length) % options.length;
    for (const [at, option] of [...options].entries()) option.setAttribute("aria-selected", String(at === completed.at));
    options[completed.at].scrollIntoView({ block: "nearest" });
    completed.field.setAttribute("aria-activedescendant", options[completed.at].id);
  };
  const take = () => {
    const { field, start, at } = completed;
    const path = list.children[at].textContent;
    close();
    write(field, path, start, field.selectionEnd);
    changed(field);
    close();
  };
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!event.isTrusted || !(field instanceof Element) || !field.matches("[data-takes]")) return;
    close();
    const before = field.value.slice(0, field.selectionStart);
    const word = /[A-Za-z_][\\w.[\\]]*$/.exec(before);
    const open = before.replace(/{{.*?}}/gs, "");
    if (field.dataset.takes === "cel" ? !word : !open.includes("{{")) return;
    const typed = word ? word[0].toLowerCase() : "";
    const all = [...new Set(Array.from(document.querySelectorAll("[data-path]"), (value) => value.dataset.path))];
    const found = all.filter((path) => path.toLowerCase().includes(typed) && path !== (word && word[0]));
    found.sort((one, other) => other.toLowerCase().startsWith(typed) - one.toLowerCase().startsWith(typed));
    if (found.length === 0) return;
    list.replaceChildren(...found.slice(0, 8).map((path, index) => {
      const option = document.createElement("li");
      option.id = "path-" + index;
      option.setAttribute("role", "option");
      option.textContent = path;
      return option;
    }));
    field.after(list);
    field.setAttribute("aria-controls", "paths");
    field.setAttribute("aria-autocomplete", "list");
    completed = { field, start: before.length - (word ? word[0].length : 0), at: 0 };
    choose(0);
  });
  document.addEventListener("keydown", (event) => {
    if (!completed || event.target !== completed.field) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(completed.at + step);
    else if (event.key === "Enter" || event.key === "Tab") take();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    completed.at = [...list.children].indexOf(event.target.closest("li"));
    take();
  });
  document.addEventListener("focusout", close);
})();
`;
