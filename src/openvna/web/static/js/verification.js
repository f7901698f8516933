// Shows a verification as it happens: each step where it stands, then the verdict.
import { follow, send } from "./api.js";
import { drawn, make, one } from "./dom.js";

/** `view` holds the elements: steps, place (of the verdict), state. Resolves with {id, verdict}. */
export async function verifyLive(request, view) {
  view.steps.replaceChildren();
  view.place.replaceChildren();
  view.state.textContent = "running";
  const { id } = await send("POST", "/verifications", request);
  const items = new Map();
  const last = await follow(
    `/verifications/${encodeURIComponent(id)}/steps`,
    {
      step: (step) => {
        let item = items.get(step.id);
        if (!item) {
          item = make("li", { className: "step" });
          item.dataset.step = step.id;
          items.set(step.id, item);
          view.steps.append(item);
        }
        item.dataset.outcome = step.outcome;
        item.replaceChildren(drawn(step.html));
      },
      verdict: (verdict) => {
        view.place.replaceChildren(drawn(verdict.html));
        view.state.textContent = { ok: "verified", degraded: "degraded", failed: "failed" }[verdict.verdict];
        one(".verdict", view.place)?.scrollIntoView({ block: "nearest" });
      },
    },
    (name) => name === "verdict",
  );
  return { id, verdict: last.verdict, steps: items.size };
}
