// Adding and editing a source: verify what is in the form, live, then save that very verification.
import { send } from "./api.js";
import { clearErrors, prepare, read, showErrors } from "./config_form.js";
import { busy, one, ready, toast, toastLater } from "./dom.js";
import { prepareSignIns } from "./sign_in.js";
import { verifyLive } from "./verification.js";

const form = one("[data-source-form]");
const config = one("[data-config]", form);
const panel = one("[data-verification]");
const view = { steps: one("[data-steps]", panel), place: one("[data-verdict-place]", panel), state: one("[data-verification-state]", panel) };
const buttons = { verify: one("[data-verify]"), save: one("[data-save]"), anyway: one("[data-save-anyway]"), plain: one("[data-save-plain]") };
const row = one("[data-save-row]");
const note = one("[data-save-note]");
const source = form.dataset.source;
const name = one("[data-name]", form);
const interval = one("[data-interval]", form);
const taken = new Set(JSON.parse(form.dataset.taken).map((each) => each.toLowerCase()));

prepare(config);
const initial = JSON.stringify(read(config));
const initialRest = JSON.stringify(rest());
let done = null;
let round = 0;

function rest() {
  const body = {};
  if (name) body.name = name.value.trim();
  if (interval) body.interval = interval.value === "" ? null : Number(interval.value);
  return body;
}

const changed = () => JSON.stringify(read(config)) !== initial;

/** What was proven is no longer what stands in the form. */
function outdated() {
  if (done && done.config !== JSON.stringify(read(config))) {
    done = null;
    round += 1;
    row.hidden = true;
    view.state.textContent = "settings changed: verify again";
  }
  if (buttons.plain) buttons.plain.hidden = changed() || JSON.stringify(rest()) === initialRest;
}

prepareSignIns(config, () => (source ? { source, config: read(config) } : { plugin: form.dataset.plugin, config: read(config) }), (error) => {
  clearErrors(form);
  told(error);
});

form.addEventListener("input", outdated);
form.addEventListener("change", outdated);

function nameIsGood() {
  if (!name) return true;
  const value = name.value.trim();
  if (value && !taken.has(value.toLowerCase())) return true;
  showErrors(form, [{ path: "name", message: value ? `There is a source named ${value} already. Choose another name.` : "Give the source a name." }]);
  return false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearErrors(form);
  one("[data-form-error]").hidden = true;
  if (!nameIsGood()) return;
  const settings = read(config);
  const mine = ++round;
  done = null;
  row.hidden = true;
  one("[data-verification-idle]").hidden = true;
  buttons.verify.disabled = true;
  buttons.verify.setAttribute("aria-busy", "true");
  try {
    const request = source ? { source, config: settings } : { plugin: form.dataset.plugin, config: settings };
    const result = await verifyLive(request, view);
    if (mine !== round) return;
    done = { ...result, config: JSON.stringify(settings), settings };
    offer(result.verdict);
  } catch (error) {
    view.state.textContent = "not started";
    told(error);
  } finally {
    buttons.verify.disabled = false;
    buttons.verify.removeAttribute("aria-busy");
  }
});

function offer(verdict) {
  const failed = verdict === "failed";
  row.hidden = false;
  buttons.save.hidden = failed;
  buttons.anyway.hidden = !failed;
  note.textContent = { ok: "", degraded: "It works in part.", failed: "Put it right and verify again." }[verdict];
  if (!failed) buttons.save.focus();
}

function told(error) {
  const homeless = showErrors(form, error.fields ?? []);
  const box = one("[data-form-error]");
  if ((error.fields ?? []).length && !homeless.length) return;
  box.textContent = [error.message, ...homeless].join(" ");
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

/** `meant`: another account is meant. Without that, the server refuses one, and the dialog asks. */
async function save(saveAnyway, meant = false) {
  if (!nameIsGood()) return;
  const body = { ...rest() };
  if (done) Object.assign(body, { config: done.settings, verification: done.id, save_anyway: saveAnyway, ...(source && meant ? { another_account: true } : {}) });
  try {
    const saved = source ? await send("PATCH", `/sources/${source}`, body) : await send("POST", "/sources", { ...body, plugin: form.dataset.plugin });
    toastLater(source ? "Saved." : `${saved.name} is added.`);
    location.assign(`/sources/${saved.id}`);
  } catch (error) {
    if (error.kind.endsWith(":another-account")) {
      asked = saveAnyway;
      one("[data-another-account-why]").textContent = error.message;
      one("#another-account").showModal();
      return;
    }
    told(error);
    toast("It was not saved.", "bad");
  }
}

let asked = false;
one("[data-confirm-another-account]")?.addEventListener("click", (event) => {
  one("#another-account").close();
  busy(event.currentTarget, () => save(asked, true));
});

buttons.save.addEventListener("click", () => busy(buttons.save, () => save(false)));
buttons.plain?.addEventListener("click", () => busy(buttons.plain, () => save(false)));
buttons.anyway.addEventListener("click", () => one("#save-anyway").showModal());
one("[data-confirm-anyway]").addEventListener("click", (event) => {
  one("#save-anyway").close();
  busy(event.currentTarget, () => save(true));
});

ready(form);
