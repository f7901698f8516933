// The inventory: what htmx swaps keeps the rest of the page in step with the address.
import { one, toast } from "./dom.js";

const form = one("[data-filters]");

form.addEventListener("change", (event) => {
  if (event.target.matches(".select select")) form.requestSubmit();
});

// An empty filter says nothing: it stays out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  const parameters = event.detail.parameters;
  for (const name of new Set([...parameters.keys?.() ?? Object.keys(parameters)])) {
    const values = [].concat(parameters.getAll?.(name) ?? parameters[name]).filter((value) => value !== "");
    if (values.length) parameters[name] = values.length === 1 ? values[0] : values;
    else delete parameters[name];
  }
});

document.addEventListener("htmx:sendError", () => toast("The server did not answer. Check that it is running.", "bad"));
document.addEventListener("htmx:responseError", (event) => toast(`The server answered ${event.detail.xhr.status}.`, "bad"));

// A title follows the number of what was found, for those who hear the page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "results") {
    const total = one("#total")?.textContent;
    if (total) one("[data-toasts]").dataset.total = total;
  }
});

// On a small screen the tree starts folded.
const tree = one("[data-tree-fold]");
if (matchMedia("(max-width: 1100px)").matches) tree.open = false;
