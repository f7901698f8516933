// Lists that hold something running: its progress in place, and the finished state when it has ended.
import { follow } from "./api.js";
import { all, make, one } from "./dom.js";
import { followCollection, inWords } from "./progress.js";

for (const place of all("[data-collection]")) {
  const bar = one("progress", place);
  const text = one("[data-live-text]", place);
  followCollection(place.dataset.collection, (_, state) => {
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
    }
    text.textContent = state.total ? `${state.done}/${state.total}` : "starting";
    place.title = inWords(state);
  }).then(
    () => location.reload(),
    () => {
      text.textContent = "running";
    },
  );
}

// Runs and their ledger: the numbers come from the server, the events only say when to ask again.
const run = one("[data-live-run]")?.dataset.liveRun;
const list = one("[data-reload-when-done]");
if (run || list) {
  const words = one("[data-running-text]");
  follow(
    "/api/v1/events",
    {
      progress: (event) => {
        if (run && event.run_id !== run) return;
        if (event.phase === "listing" || event.phase === "listed") {
          const row = list && one(`[data-run="${CSS.escape(event.run_id)}"] td`, list);
          const text = `${event.type}, ${event.done} of ${event.total} types`;
          if (row) row.replaceChildren(make("span", { className: "live" }, Object.assign(make("progress"), { max: event.total || 1, value: event.done, ariaLabel: text })));
          if (words) words.textContent = text;
        }
      },
    },
    (_, event) => (run ? event.run_id === run && event.phase === "scope-finished" : event.phase === "scope-finished"),
  ).then(
    () => location.reload(),
    () => undefined,
  );
}
