// The page of one resource: ask for it now, and show it as it is then.
import { one } from "./dom.js";
import { refresh } from "./refresh.js";

const place = one("[data-refresh-source]");
const button = place && one("[data-refresh]", place);

button?.addEventListener("click", async () => {
  const problem = one("[data-refresh-problem]");
  problem.hidden = true;
  const failure = await refresh(button, one("[data-refresh-state]", place), place.dataset.refreshSource, { resource: place.dataset.refreshId });
  if (!failure) return;
  one("[data-refresh-why]").textContent = failure;
  problem.hidden = false;
});
