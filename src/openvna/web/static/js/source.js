// The page of one source: verify, collect, pause, delete.
import { send } from "./api.js";
import { busy, make, one, toast, toastLater } from "./dom.js";
import { followCollection, inWords } from "./progress.js";
import { verifyLive } from "./verification.js";

const head = one("[data-source]");
const id = head.dataset.source;
const collectButton = one("[data-collect]");
const progress = one("[data-progress]");

const verifyButton = one("[data-verify-now]");
verifyButton.addEventListener("click", () =>
  busy(verifyButton, async () => {
    const fold = one("[data-steps-fold]");
    fold.hidden = false;
    fold.open = true;
    const result = await verifyLive({ source: id }, { steps: one("[data-steps]"), place: one("[data-verdict-place]"), state: one("[data-verification-state]") });
    one("[data-step-count]").textContent = String(result.steps);
    await drawPermissions();
    toast({ ok: "The access works.", degraded: "The access works in part.", failed: "The access does not work." }[result.verdict], result.verdict === "failed" ? "bad" : "ok");
  }),
);

async function drawPermissions() {
  const place = document.querySelector("[data-permissions]");
  if (!place) return;
  const account = encodeURIComponent(place.dataset.permissions);
  const answer = await fetch(`/sources/${id}/permissions?account=${account}`, { headers: { "X-Requested-With": "openvna" } });
  if (answer.ok) place.innerHTML = await answer.text();
}

collectButton.addEventListener("click", async () => {
  collectButton.disabled = true;
  try {
    const collection = await send("POST", `/sources/${id}/collections`);
    await watch(collection.id);
  } catch (error) {
    toast(error.message, "bad");
    collectButton.disabled = false;
  }
});

async function watch(collection) {
  progress.hidden = false;
  const rows = new Map();
  const total = one("[data-progress-total]");
  let failure = null;
  await followCollection(collection, (event, state) => {
    if (event.phase === "finished") failure = event.failure;
    if (state.total) {
      total.max = state.total;
      total.value = state.done;
    }
    one("[data-progress-text]").textContent = inWords(state);
    const scope = state.scopes.get(event.scope);
    if (scope) drawScope(rows, scope);
  });
  toastLater(failure ? `Nothing was collected. ${failure.message}` : "Collected.");
  location.reload();
}

function drawScope(rows, scope) {
  let row = rows.get(scope.key);
  if (!row) {
    const bar = make("progress");
    bar.setAttribute("aria-label", `${scope.account} ${scope.region}`);
    row = { bar, now: make("td", { className: "quiet mono" }), seen: make("td", { className: "num" }) };
    const name = make("th", { className: "mono" }, `${scope.account} ${scope.region}`.trim() || scope.key);
    name.scope = "row";
    one("[data-progress-rows]").append(make("tr", {}, name, make("td", {}, bar), row.now, row.seen));
    rows.set(scope.key, row);
  }
  row.bar.max = scope.total || 1;
  row.bar.value = scope.finished ? row.bar.max : scope.done;
  row.now.textContent = scope.finished ? (scope.problems ? `finished, ${scope.problems} problems` : "finished") : scope.now;
  row.seen.textContent = scope.seen.toLocaleString("en");
}

const pause = one("[data-pause]");
pause.addEventListener("click", () =>
  busy(pause, async () => {
    await send("POST", `/sources/${id}/${pause.dataset.pause}`);
    toastLater(pause.dataset.pause === "pause" ? "Paused: it is not collected until it is resumed." : "Resumed.");
    location.reload();
  }),
);

const typed = one("[data-delete-name]");
const confirm = one("[data-delete-confirm]");
typed.addEventListener("input", () => {
  confirm.disabled = typed.value !== head.dataset.name;
});
one("[data-delete-form]").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (confirm.disabled) return;
  confirm.disabled = true;
  try {
    await send("DELETE", `/sources/${id}?confirm=${encodeURIComponent(typed.value)}`);
    toastLater(`${head.dataset.name} is deleted.`);
    location.assign("/sources");
  } catch (error) {
    const place = one("[data-delete-error]");
    place.textContent = error.message;
    place.hidden = false;
    confirm.disabled = false;
  }
});

if (progress.dataset.progress) watch(progress.dataset.progress).catch((error) => toast(error.message, "bad"));
