// Asking now for a part of a source, and showing the page as it is then.
import { send } from "./api.js";
import { toastLater } from "./dom.js";
import { followCollection } from "./progress.js";

/** Collects a part of a source while its button is busy, says how far it is, and loads the page anew. Why not, where that fails. */
export async function refresh(button, state, source, part) {
  button.disabled = true;
  state.textContent = "asking";
  let failure = null;
  let absent = null;
  let listed = false;
  const runs = new Set();
  try {
    const { id } = await send("POST", `/sources/${source}/collections`, part);
    await followCollection(id, (event) => {
      if (event.phase === "scope-started") state.textContent = `asking ${event.account} ${event.region}`.trim();
      if (event.phase === "scope-finished" && event.run_id) runs.add(event.run_id);
      if (event.outcome === "ok") listed = true;
      if (event.outcome === "unsupported") absent = event.failure;
      else failure = event.failure ?? failure;
    });
    // Where it is not to be had in some places only, the others have answered.
    if (!listed) failure = failure ?? absent;
  } catch (error) {
    failure = error;
  }
  if (failure) {
    state.textContent = "";
    button.disabled = false;
    return [failure.message, failure.remedy].filter(Boolean).join(" ");
  }
  toastLater(await outcome(runs));
  location.reload();
  return "";
}

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
