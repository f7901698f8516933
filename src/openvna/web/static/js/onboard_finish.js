// The last step: what came back from the other side is verified, live, and that very verification is saved.
import { send } from "./api.js";
import { clearErrors, prepare, read, showErrors } from "./config_form.js";
import { busy, one, ready, toast, toastLater } from "./dom.js";
import { forget, keep, restore } from "./draft.js";
import { prepareSignIns } from "./sign_in.js";
import { verifyLive } from "./verification.js";

const form = one("[data-finish-form]");
const config = one("[data-config]", form);
const answer = one("[data-answer]", form);
const panel = one("[data-verification]");
const view = { steps: one("[data-steps]", panel), place: one("[data-verdict-place]", panel), state: one("[data-verification-state]", panel) };
const buttons = { verify: one("[data-verify]"), save: one("[data-save]"), anyway: one("[data-save-anyway]") };
const row = one("[data-save-row]");
let done = null;
let round = 0;

restore(form);
prepare(form);
keep(form);

form.addEventListener("input", () => {
  if (!done) return;
  done = null;
  round += 1;
  row.hidden = true;
  view.state.textContent = "changed: verify again";
});

/** The settings as they were kept, with what was put in again over them. */
function laid(over, under) {
  if (over === null || typeof over !== "object" || Array.isArray(over)) return over;
  const whole = under && typeof under === "object" && !Array.isArray(under) ? { ...under } : {};
  for (const [key, value] of Object.entries(over)) whole[key] = laid(value, whole[key]);
  return whole;
}

/** The whole settings: what was kept and came back, and what stands in the form over it. */
async function settled() {
  const where = `/plugins/${encodeURIComponent(form.dataset.plugin)}/onboardings/${form.dataset.onboarding}/settings`;
  const kept = await send("POST", where, { answer: answer?.value ?? "" });
  const entered = read(config);
  const kind = entered.credential?.kind;
  // Another kind of credential has nothing in common with the one that was kept.
  if (kind && kind !== kept.config.credential?.kind) delete kept.config.credential;
  return laid(entered, kept.config);
}

prepareSignIns(form, async () => ({ plugin: form.dataset.plugin, config: await settled() }), (error) => {
  clearErrors(form);
  told(error);
});

function told(error) {
  const homeless = showErrors(form, error.fields ?? []);
  const box = one("[data-form-error]", form);
  if ((error.fields ?? []).length && !homeless.length) return;
  box.textContent = [error.message, ...homeless].join(" ");
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearErrors(form);
  one("[data-form-error]", form).hidden = true;
  const mine = ++round;
  done = null;
  row.hidden = true;
  one("[data-verification-idle]").hidden = true;
  await busy(buttons.verify, async () => {
    try {
      const settings = await settled();
      const result = await verifyLive({ plugin: form.dataset.plugin, config: settings }, view);
      if (mine !== round) return;
      done = { id: result.id, settings };
      const failed = result.verdict === "failed";
      row.hidden = false;
      buttons.save.hidden = failed;
      buttons.anyway.hidden = !failed;
      one("[data-save-note]").textContent = { ok: "", degraded: "It works in part.", failed: "Put it right there and verify again." }[result.verdict];
      if (!failed) buttons.save.focus();
    } catch (error) {
      view.state.textContent = "not started";
      told(error);
    }
  });
});

async function save(saveAnyway) {
  const body = { name: form.dataset.name, plugin: form.dataset.plugin, config: done.settings, verification: done.id, save_anyway: saveAnyway };
  if (!form.dataset.repeats) body.interval = null;
  try {
    const saved = await send("POST", "/sources", body);
    forget();
    toastLater(`${saved.name} is added.`);
    location.assign(`/sources/${saved.id}`);
  } catch (error) {
    told(error);
    toast("It was not saved.", "bad");
  }
}

buttons.save.addEventListener("click", () => busy(buttons.save, () => save(false)));
buttons.anyway.addEventListener("click", () => one("#save-anyway").showModal());
one("[data-confirm-anyway]").addEventListener("click", (event) => {
  one("#save-anyway").close();
  busy(event.currentTarget, () => save(true));
});

ready(form);
