// The options of a source that is to be set up: which of them matter, who we are, and on to what is to be done.
import { send } from "./api.js";
import { clearErrors, prepare, read, showErrors } from "./config_form.js";
import { all, busy, make, one, ready } from "./dom.js";
import { forget, keep, restore } from "./draft.js";
import { prepareSignIns } from "./sign_in.js";

const form = one("[data-onboard-form]");
const config = one("[data-config]", form);
const name = one("[data-name]", form);
const plugin = encodeURIComponent(form.dataset.plugin);
const taken = new Set(JSON.parse(form.dataset.taken).map((each) => each.toLowerCase()));

restore(form);
prepare(form);

/** What stands in the form: the options, and the settings that say who we are. */
function given() {
  const settings = read(form);
  const options = { ...settings.options, way: form.dataset.way };
  delete settings.options;
  for (const radio of all("[data-option]:checked", form)) options[radio.name.replace(/^options\./, "")] = radio.value;
  const features = one("[data-features]", form);
  if (features) options.features = all("input:checked", features).map((each) => each.value);
  return { options, config: settings };
}

/** An option whose time has not come is neither seen nor stops anybody. */
function relevant() {
  const { options } = given();
  for (const place of all("[data-when]", form)) {
    const wanted = Object.entries(JSON.parse(place.dataset.when));
    place.hidden = !wanted.every(([other, values]) => values.split(" ").includes(String(options[other])));
  }
}

form.addEventListener("change", relevant);
relevant();
keep(form);

function told(error) {
  const homeless = showErrors(form, error.fields ?? []);
  const box = one("[data-form-error]", form);
  if ((error.fields ?? []).length && !homeless.length) return;
  box.replaceChildren(make("div", {}, [error.message, ...homeless].join(" ")));
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

function calm() {
  clearErrors(form);
  one("[data-form-error]", form).hidden = true;
}

prepareSignIns(form, () => ({ plugin: form.dataset.plugin, config: given().config }), (error) => {
  calm();
  told(error);
});

const who = one("[data-who]", form);
who?.addEventListener("click", () =>
  busy(who, async () => {
    calm();
    const answer = one("[data-who-answer]", form);
    answer.textContent = "Asking…";
    try {
      const found = await send("POST", `/plugins/${plugin}/onboarding/identity`, { config: given().config });
      const arn = make("span", { className: "mono wrap" }, found.arn);
      answer.replaceChildren(arn, make("span", { className: "quiet" }, ` ${found.kind}, account ${found.account}`));
    } catch (error) {
      answer.textContent = "";
      told(error);
    }
  }),
);
// Who we are is only known of what was asked.
config.addEventListener("input", () => one("[data-who-answer]", form)?.replaceChildren());
config.addEventListener("change", () => one("[data-who-answer]", form)?.replaceChildren());

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  calm();
  const title = name.value.trim();
  if (!title || taken.has(title.toLowerCase())) {
    showErrors(form, [{ path: "name", message: title ? `There is a source named ${title} already. Choose another name.` : "Give the source a name." }]);
    return;
  }
  await busy(one("[data-continue]", form), async () => {
    try {
      const begun = await send("POST", `/plugins/${plugin}/onboardings`, { name: title, ...given() });
      forget();
      location.assign(`/sources/onboard/${begun.id}`);
    } catch (error) {
      told(error);
    }
  });
});

ready(form);
