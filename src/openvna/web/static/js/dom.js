// Small things that several pages need.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  ok: "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0m4.8.3 2.6 2.6 4.9-5.4",
  failed: "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M9 9l6 6M15 9l-6 6",
  close: "m6 6 12 12M18 6 6 18",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** An element with properties and children; children that are strings stay text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const KEPT = "openvna-toast";

/** Says something in the corner, and to screen readers. */
export function toast(text, tone = "ok") {
  const place = one("[data-toasts]");
  const box = make("div", { className: `toast tone-${tone}` }, icon(tone === "bad" ? "failed" : "ok"), make("span", {}, text));
  place.append(box);
  setTimeout(() => box.remove(), tone === "bad" ? 9000 : 4500);
}

/** The same on the page that comes next. */
export function toastLater(text) {
  sessionStorage.setItem(KEPT, text);
}

export function showKeptToast() {
  const text = sessionStorage.getItem(KEPT);
  if (text) {
    sessionStorage.removeItem(KEPT);
    toast(text);
  }
}

/** Runs an action while its button is busy, and says what went wrong. */
export async function busy(button, action) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    return await action();
  } catch (error) {
    toast(error.message, "bad");
    return undefined;
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

/** Markup that our own server drew (and escaped) as elements. */
export function drawn(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** The script of a form stands: what was pressed before is done now. */
export function ready(form) {
  form.dataset.ready = "";
  if ("early" in form.dataset) form.requestSubmit();
}
