// The inventory: what htmx swaps keeps the rest of the page in step with the address.
import { one, toast } from "./dom.js";
import { refresh } from "./refresh.js";

const form = one("[data-filters]");

form.addEventListener("change", (event) => {
  if (event.target.matches(".select select")) form.requestSubmit();
});

document.addEventListener("htmx:sendError", () => toast("The server did not answer. Check that it is running.", "bad"));
document.addEventListener("htmx:responseError", (event) => toast(`The server answered ${event.detail.xhr.status}.`, "bad"));

// On a small screen the tree starts folded.
const tree = one("[data-tree-fold]");
if (matchMedia("(max-width: 1100px)").matches) tree.open = false;

// What htmx swaps has no listener of its own.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-refresh-list]");
  if (!button) return;
  const { source, type, scope } = button.dataset;
  const failure = await refresh(button, one("[data-refresh-state]"), source, { types: [type], ...(scope ? { scopes: [scope] } : {}) });
  if (failure) toast(`It could not be refreshed. ${failure}`, "bad");
});
