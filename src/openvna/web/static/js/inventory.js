// The inventory: what htmx swaps keeps the rest of the page in step with the address.
import { one, toast } from "./dom.js";

const form = one("[data-filters]");

form.addEventListener("change", (event) => {
  if (event.target.matches(".select select")) form.requestSubmit();
});

document.addEventListener("htmx:sendError", () => toast("The server did not answer. Check that it is running.", "bad"));
document.addEventListener("htmx:responseError", (event) => toast(`The server answered ${event.detail.xhr.status}.`, "bad"));

// On a small screen the tree starts folded.
const tree = one("[data-tree-fold]");
if (matchMedia("(max-width: 1100px)").matches) tree.open = false;
