// The progress of a collection, from its events.
import { follow } from "./api.js";

/** Follows one collection: `show` gets every event and what is known of all scopes so far. Resolves at its end. */
export function followCollection(id, show) {
  const state = { total: 0, done: 0, seen: 0, problems: 0, scopes: new Map() };
  const act = (event) => {
    if (event.phase === "finished" || event.phase === "discovered" || event.phase.startsWith("scope-")) {
      state.total = event.total;
      state.done = event.done;
    }
    if (event.scope) {
      const scope = state.scopes.get(event.scope) ?? { key: event.scope, account: event.account, region: event.region, done: 0, total: 0, seen: 0, now: "", finished: false, problems: 0 };
      if (event.phase === "listing" || event.phase === "listed") {
        scope.total = event.total;
        scope.done = event.done;
        scope.now = event.type;
      }
      if (event.phase === "listed") {
        scope.seen += event.seen;
        state.seen += event.seen;
        if (event.outcome !== "ok" && event.outcome !== "unsupported") {
          scope.problems += 1;
          state.problems += 1;
        }
      }
      if (event.phase === "scope-finished") {
        scope.finished = true;
        // What is as it was is not read, and counts only here.
        state.seen += event.seen - scope.seen;
        scope.seen = event.seen;
      }
      state.scopes.set(event.scope, scope);
    }
    show(event, state);
  };
  return follow(`/api/v1/collections/${encodeURIComponent(id)}/events`, { progress: act }, (_, event) => event.phase === "finished");
}

export const inWords = (state) =>
  state.total ? `${state.done} of ${state.total} scopes, ${state.seen.toLocaleString("en")} resources${state.problems ? `, ${state.problems} problems` : ""}` : "finding accounts and regions";
