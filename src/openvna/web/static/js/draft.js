// What was entered survives a reload: kept in this tab until it is sent, without anything secret.
import { all } from "./dom.js";

const SECRET = "[type=password], [data-kind=secret], [data-sign-in] *";
const PREFIX = "openvna-draft:";
const key = () => PREFIX + location.pathname + location.search;
const ticked = (input) => input.type === "checkbox" || input.type === "radio";

function inputs(form) {
  return all("input, select, textarea", form).filter((each) => !each.matches(SECRET) && each.type !== "hidden");
}

/** An input's own name in the page, so that a draft of another version of it is not taken for its own. */
function named(input) {
  return [input.name, input.id, input.dataset.path, ticked(input) ? input.value : ""].join("|");
}

function value(input) {
  if (ticked(input)) return input.checked;
  if (input.dataset.kind === "tags") return all("[data-tag-list] li", input.closest("[data-tags]")).map((each) => each.firstChild.textContent);
  return input.value;
}

/** Puts a draft back into the form. To be called before anything else looks at its inputs. */
export function restore(form) {
  let kept;
  try {
    kept = new Map(JSON.parse(sessionStorage.getItem(key()) ?? "[]"));
  } catch {
    return;
  }
  for (const input of inputs(form)) {
    const found = kept.get(named(input));
    if (found === undefined) continue;
    if (ticked(input)) input.checked = found;
    else if (input.dataset.kind === "tags") input.dataset.value = JSON.stringify(found);
    else if (!input.readOnly) input.value = found;
  }
}

/** Keeps a draft from now on. What hides and shows by a choice follows the choices that were put back. */
export function keep(form) {
  for (const radio of all("input[type=radio]:checked", form)) radio.dispatchEvent(new Event("change", { bubbles: true }));
  const save = () => sessionStorage.setItem(key(), JSON.stringify(inputs(form).map((each) => [named(each), value(each)])));
  form.addEventListener("input", save);
  form.addEventListener("change", save);
}

export function forget() {
  sessionStorage.removeItem(key());
}
