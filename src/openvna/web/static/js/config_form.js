// The inputs that a plugin's schema drew: how they behave, and what they say as JSON.
import { all, icon, make, one, toast } from "./dom.js";

export function prepare(root) {
  bring(root);
  root.addEventListener("paste", (event) => pasteSeveral(event));
  root.addEventListener("input", (event) => dropWhatWasOfTheOld(event.target));
}

/** Bring the inputs below an element to life, which may have been added just now. */
function bring(root) {
  for (const union of all("[data-union]", root)) {
    union.addEventListener("change", (event) => {
      if (event.target.name === union.dataset.union) choose(union, event.target.value);
    });
  }
  for (const section of all("[data-section]", root)) {
    one("[data-section-switch]", section)?.addEventListener("change", (event) => {
      apply(one("[data-section-body]", section), event.target.checked);
    });
  }
  for (const box of all("[data-tags]", root)) tags(box);
  for (const list of all("[data-list]", root)) prepareList(list);
}

/** A list of groups of fields: groups are added, removed and moved, and numbered by their order. */
function prepareList(list) {
  const place = one(":scope > [data-list-items]", list);
  const told = () => list.dispatchEvent(new Event("input", { bubbles: true }));
  const number = () => {
    items(list).forEach((item, index) => renumber(item, list.dataset.list, index));
    told();
  };
  one(":scope > div > [data-list-add]", list).addEventListener("click", () => {
    const added = one(":scope > template", list).content.firstElementChild.cloneNode(true);
    place.append(added);
    bring(added);
    number();
    one("input, select, textarea", added)?.focus();
  });
  place.addEventListener("click", (event) => {
    const item = event.target.closest("[data-list-item]");
    if (event.target.closest("[data-list-remove]")) item.remove();
    else if (event.target.closest("[data-list-up]")) item.previousElementSibling?.before(item);
    else return;
    number();
  });
}

const items = (list) => all(":scope > [data-list-items] > [data-list-item]", list);

/** What names a field by its number in the list: its path, and the ids that its label and its texts refer to. */
function renumber(item, path, index) {
  const id = `field-${path.replaceAll(/[._]/g, "-")}`;
  const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const paths = new RegExp(`^${escaped(path)}\\.(?:#|\\d+)(?=\\.)`);
  const ids = new RegExp(`${escaped(id)}-(?:#|\\d+)(?=-)`, "g");
  for (const each of all("*", item)) {
    for (const name of ["data-path", "data-error-for", "data-section", "data-union", "name", "data-clear"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace(paths, `${path}.${index}`));
    }
    for (const name of ["id", "for", "aria-describedby", "data-reveal"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace(ids, `${id}-${index}`));
    }
  }
  one("[data-list-number]", item).textContent = index + 1;
  one("fieldset", item).setAttribute("aria-label", `${one(":scope > legend", item.closest("[data-list]")).textContent}, ${index + 1}`);
}

/** A new secret has nothing to do with what was stored beside the old one, such as the end of a session. */
function dropWhatWasOfTheOld(input) {
  if (input.dataset.kind !== "secret") return;
  for (const each of all("[data-anew]", input.closest("[data-variant], [data-config]"))) {
    if (each.value && each.value === each.defaultValue) each.value = "";
  }
}

function choose(union, tag) {
  for (const variant of union.querySelectorAll(":scope > [data-variant]")) {
    apply(variant, variant.dataset.variant === tag);
  }
}

function apply(fieldset, on) {
  fieldset.hidden = !on;
  fieldset.disabled = !on;
}

const values = new WeakMap();

function tags(box) {
  const input = one("input", box);
  const list = one("[data-tag-list]", box);
  values.set(input, JSON.parse(input.dataset.value || "[]"));
  const draw = () => {
    list.replaceChildren(
      ...values.get(input).map((value) => {
        const remove = make("button", { type: "button" }, icon("close"));
        remove.setAttribute("aria-label", `Remove ${value}`);
        remove.addEventListener("click", () => {
          set(values.get(input).filter((each) => each !== value));
          input.focus();
        });
        return make("li", { className: "chip" }, value, remove);
      }),
    );
    list.hidden = values.get(input).length === 0;
  };
  const set = (next) => {
    values.set(input, next);
    draw();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const take = () => {
    const parts = entries(input);
    input.value = "";
    if (parts.length) set([...new Set([...values.get(input), ...parts])]);
  };
  input.addEventListener("keydown", (event) => {
    const ends = event.key === " " ? input.dataset.spaced === undefined : ["Enter", ","].includes(event.key);
    if (ends && input.value.trim()) {
      event.preventDefault();
      take();
    } else if (event.key === "Backspace" && !input.value && values.get(input).length) {
      set(values.get(input).slice(0, -1));
    }
  });
  input.addEventListener("blur", take);
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target === list) input.focus();
  });
  draw();
}

/** What is typed in a list's input, as the entries that it stands for. */
function entries(input) {
  const separators = input.dataset.spaced === undefined ? /[\s,;]+/ : /[\n,;]+/;
  return input.value.split(separators).map((each) => each.trim()).filter(Boolean);
}

/** Pasted text with several values by name fills the fields of those names: `export AWS_SECRET_ACCESS_KEY=...`, JSON. */
function pasteSeveral(event) {
  const text = event.clipboardData?.getData("text") ?? "";
  const group = event.target.closest("[data-variant], [data-config]");
  if (!group) return;
  const inputs = all("[data-path]", group).filter((each) => fillable(each));
  const found = [];
  for (const [name, value] of namedIn(text)) {
    const input = inputs.find((each) => goesBy(each, plain(name)));
    if (input && !found.some(([taken]) => taken === input)) found.push([input, value]);
  }
  if (!found.length) return;
  event.preventDefault();
  for (const [input, value] of found) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  toast(found.length === 1 ? "One field was filled from the pasted text." : `${found.length} fields were filled from the pasted text.`);
}

/** The values in a text by name: those of JSON wherever in it they stand, or of lines of `name = value`. */
function namedIn(text) {
  if (text.trim().startsWith("{")) {
    try {
      return inJson(JSON.parse(text));
    } catch {
      // then its lines may do
    }
  }
  if (!/\n/.test(text.trim())) return [];
  const pairs = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+|set\s+|\$env:)?"?([A-Za-z_][\w.-]*)"?\s*[:=]\s*(.+?)\s*,?\s*$/.exec(line);
    if (match) pairs.push([match[1], match[2].replace(/^(["'])(.*)\1;?$/, "$2")]);
  }
  return pairs;
}

function inJson(value) {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, each]) => (typeof each === "string" ? [[name, each]] : inJson(each)));
}

const plain = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function fillable(input) {
  return ["text", "secret"].includes(input.dataset.kind) && !input.matches(":disabled");
}

function goesBy(input, name) {
  const aliases = (input.dataset.aliases ?? "").split(" ").filter(Boolean).map(plain);
  return name.endsWith(plain(input.dataset.path.split(".").at(-1))) || aliases.includes(name);
}

/** The settings as they stand in the form. An empty optional field is null; an empty secret is left out (kept). */
export function read(root) {
  const config = {};
  for (const section of all("[data-section][data-optional]", root)) {
    if (!one("[data-section-switch]", section).checked && !section.matches(":disabled *")) put(config, section.dataset.section, null);
  }
  for (const union of all("[data-union]", root)) {
    const chosen = all("input[type=radio]", union).find((each) => each.name === union.dataset.union && each.checked);
    if (chosen && !chosen.matches(":disabled")) put(config, `${union.dataset.union}.${union.dataset.discriminator}`, chosen.value);
  }
  for (const list of all("[data-list]", root)) {
    if (!list.matches(":disabled, :disabled *")) put(config, list.dataset.list, items(list).map(() => ({})));
  }
  for (const input of all("[data-path]", root)) {
    if (input.matches(":disabled")) continue;
    const value = valueOf(input, root);
    if (value !== undefined) put(config, input.dataset.path, value);
  }
  return config;
}

function valueOf(input, root) {
  const optional = input.dataset.optional !== undefined;
  switch (input.dataset.kind) {
    case "secret": {
      const clear = one(`[data-clear="${CSS.escape(input.dataset.path)}"]`, root);
      if (input.value) return input.value;
      return clear?.checked ? null : undefined;
    }
    case "flag":
      return input.checked;
    case "tags":
      return [...values.get(input), ...entries(input)];
    case "number":
      if (input.value === "") return optional ? null : (input.defaultValue === "" ? undefined : Number(input.defaultValue));
      return Number(input.value);
    case "json":
      if (!input.value.trim()) return optional ? null : undefined;
      try {
        return JSON.parse(input.value);
      } catch {
        return input.value;
      }
    default:
      return input.value === "" && optional ? null : input.value;
  }
}

function put(config, path, value) {
  const parts = path.split(".");
  const last = parts.pop();
  let place = config;
  for (const part of parts) {
    if (place[part] === null || typeof place[part] !== "object") place[part] = {};
    place = place[part];
  }
  place[last] = value;
}

/** Puts each message beside its field; returns those that belong to none. */
export function showErrors(form, fields) {
  clearErrors(form);
  const places = new Map(all("[data-error-for]", form).map((place) => [place.dataset.errorFor, place]));
  const homeless = [];
  let first = null;
  for (const { path, message } of fields) {
    const place = home(places, form, path);
    if (!place) {
      homeless.push(`${path}: ${message}`);
      continue;
    }
    place.textContent = place.hidden ? message : `${place.textContent} ${message}`;
    place.hidden = false;
    place.closest("details:not([open])")?.setAttribute("open", "");
    const input = all("input, select, textarea", place.closest(".field")).find((each) => !each.matches(":disabled"));
    input?.setAttribute("aria-invalid", "true");
    first ??= input;
  }
  first?.focus();
  return homeless;
}

/** The nearest place for an error: its very field, else what is around it. Union tags in the path are skipped. */
function home(places, form, path) {
  const kinds = new Set(all("[data-variant]", form).map((variant) => variant.dataset.variant));
  const parts = path.split(".").filter((part) => !kinds.has(part));
  if (parts[0] === "config" && parts.length > 1) parts.shift();
  for (let length = parts.length; length > 0; length--) {
    const wanted = parts.slice(0, length).join(".");
    const found = all("[data-error-for]", form).find((place) => place.dataset.errorFor === wanted && !place.closest("fieldset:disabled"));
    if (found ?? places.get(wanted)) return found ?? places.get(wanted);
  }
  return null;
}

export function clearErrors(form) {
  for (const place of all("[data-error-for]", form)) {
    place.hidden = true;
    place.textContent = "";
  }
  for (const input of all("[aria-invalid]", form)) input.removeAttribute("aria-invalid");
}
