// The page of one resource: ask for it now, and show it as it is then.
import { send } from "./api.js";
import { one, toastLater } from "./dom.js";
import { followCollection } from "./progress.js";

const place = one("[data-refresh-source]");
const button = place && one("[data-refresh]", place);

button?.addEventListener("click", async () => {
  const state = one("[data-refresh-state]", place);
  const problem = one("[data-refresh-problem]");
  button.disabled = true;
  problem.hidden = true;
  state.textContent = "asking";
  let failure = null;
  const runs = new Set();
  try {
    const { id } = await send("POST", `/sources/${place.dataset.refreshSource}/collections`, { resource: place.dataset.refreshId });
    await followCollection(id, (event) => {
      if (event.phase === "scope-started") state.textContent = `asking ${event.account} ${event.region}`.trim();
      if (event.phase === "scope-finished" && event.run_id) runs.add(event.run_id);
      failure = event.failure ?? failure;
    });
  } catch (error) {
    failure = error;
  }
  if (failure) {
    one("[data-refresh-why]").textContent = [failure.message, failure.remedy].filter(Boolean).join(" ");
    problem.hidden = false;
    state.textContent = "";
    button.disabled = false;
    return;
  }
  toastLater(await outcome(runs));
  location.reload();
});

/** What the runs found, in words. */
async function outcome(runs) {
  const sum = { created: 0, updated: 0, deleted: 0 };
  for (const id of runs) {
    const run = await send("GET", `/runs/${id}`).catch(() => sum);
    for (const kind of Object.keys(sum)) sum[kind] += run[kind];
  }
  if (sum.deleted) return "Refreshed: something is gone.";
  if (sum.updated || sum.created) return "Refreshed: something has changed.";
  return "Refreshed: nothing has changed.";
}
