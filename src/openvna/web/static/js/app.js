// What every page does: copy, reveal, dialogs, menus, keys, times that stay true.
import { all, icon, one, showKeptToast, toast } from "./dom.js";

document.addEventListener("click", async (event) => {
  const target = event.target;
  const copy = target.closest("[data-copy]");
  if (copy) {
    await copyText(copy);
    return;
  }
  const reveal = target.closest("[data-reveal]");
  if (reveal) {
    const input = document.getElementById(reveal.dataset.reveal);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    return;
  }
  const opener = target.closest("[data-open]");
  if (opener) {
    opener.closest("[data-menu]")?.removeAttribute("open");
    document.getElementById(opener.dataset.open)?.showModal();
    return;
  }
  if (target.closest("[data-close]")) {
    target.closest("dialog")?.close();
    return;
  }
  if (target.matches("dialog")) target.close();
  const toggle = target.closest("[data-side-toggle]");
  if (toggle) {
    const open = one("[data-side]").toggleAttribute("data-open");
    toggle.setAttribute("aria-expanded", String(open));
  }
  for (const menu of all("[data-menu][open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});

async function copyText(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context (plain http to another host) there is no clipboard API.
    const area = document.createElement("textarea");
    area.value = text;
    (button.closest("dialog") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = [...button.childNodes];
  button.replaceChildren(icon("ok"));
  button.classList.add("done");
  toast("Copied.");
  setTimeout(() => {
    button.replaceChildren(...before);
    button.classList.remove("done");
  }, 1600);
}

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = one("[data-menu][open]");
    if (menu) {
      menu.removeAttribute("open");
      one("summary", menu).focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
  if (event.key === "/") {
    const search = one("[data-search]");
    event.preventDefault();
    if (search) {
      search.focus();
      search.select();
    } else {
      location.assign("/inventory#search");
    }
  } else if (event.key === "j" || event.key === "k") {
    moveRow(event.key === "j" ? 1 : -1, event);
  }
});

/** Down or up in the page's table; the row's link gets the focus, so that Enter opens it. */
function moveRow(step, event) {
  const rows = all("[data-rows] tbody tr").filter((row) => one("a", row));
  if (!rows.length) return;
  event.preventDefault();
  const current = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, current + step))];
  one("a", next).focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form && event.target.matches("select")) form.requestSubmit();
});

// An empty filter says nothing: it stays out of the address.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-auto-submit], [data-filters]")) return;
  for (const [name] of [...event.formData]) {
    const values = event.formData.getAll(name).filter((value) => value !== "");
    event.formData.delete(name);
    for (const value of values) event.formData.append(name, value);
  }
});

const UNITS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [86400 * 14, 86400, "d"]];

function ago(at) {
  const distance = (Date.now() - at) / 1000;
  const size = Math.abs(distance);
  if (size < 5) return "just now";
  for (const [limit, unit, word] of UNITS) {
    if (size < limit) {
      const text = `${Math.floor(size / unit)} ${word}`;
      return distance > 0 ? `${text} ago` : `in ${text}`;
    }
  }
  return new Date(at).toISOString().slice(0, 10);
}

setInterval(() => {
  for (const time of all("time[data-ago]")) {
    const text = ago(Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
}, 15000);

if (location.hash === "#search") one("[data-search]")?.focus();
showKeptToast();
