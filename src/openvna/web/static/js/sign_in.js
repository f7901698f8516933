// Signing in with a vendor from the form of a source: the code, the wait, then what may be chosen.
import { follow, send } from "./api.js";
import { all, icon, make, one } from "./dom.js";

const MANY = 7;
const OPEN = "Open the sign-in page in a new tab, sign in there, and confirm that it shows this code.";

/** `request` gives what is sent to begin with (the settings as they stand); `told` shows an error beside its field. */
export function prepareSignIns(form, request, told) {
  for (const box of all("[data-sign-in]", form)) new Signing(form, box, request, told);
}

class Signing {
  constructor(form, box, request, told) {
    const part = (name) => one(`[data-sign-in-${name}]`, box);
    Object.assign(this, { form, box, request, told });
    Object.assign(this, { value: part("value"), begin: part("begin"), state: part("state"), prompt: part("prompt"), failed: part("failed"), clock: part("clock") });
    this.group = box.closest("[data-variant], [data-section-body], [data-config]");
    this.word = one("span", this.begin);
    this.first = this.word.textContent;
    this.round = 0;
    this.begin.addEventListener("click", () => this.start());
    part("cancel").addEventListener("click", () => this.cancel());
    // What it was begun with, and what it is used for, must be the same.
    this.group.addEventListener("input", (event) => this.edited(event.target));
  }

  get choices() {
    return all("input[data-choice]", this.group);
  }

  edited(input) {
    const counts = input.dataset.path && !input.dataset.choice && input !== this.value;
    if (!counts) return;
    this.failed.hidden = true;
    if (this.begun === undefined && !this.value.value) return;
    this.drop();
    this.say("The settings changed: sign in again.");
  }

  /** Whatever was going on is over, and nothing is signed in. */
  drop() {
    this.round += 1;
    clearInterval(this.ticking);
    if (this.begun !== undefined) send("DELETE", `/sign-ins/${this.begun}`).catch(() => {});
    this.begun = undefined;
    this.prompt.hidden = true;
    this.failed.hidden = true;
    this.begin.hidden = false;
    this.word.textContent = this.first;
    this.set("");
    for (const input of this.choices) unlist(input);
  }

  set(value) {
    this.value.value = value;
    this.value.dispatchEvent(new Event("input", { bubbles: true }));
  }

  say(text, done = false) {
    this.state.replaceChildren(...(done ? [icon("ok")] : []), text);
    this.state.classList.toggle("done", done);
  }

  async start() {
    this.drop();
    const mine = this.round;
    this.say("Asking for a code…");
    this.begin.disabled = true;
    this.begin.setAttribute("aria-busy", "true");
    let shown;
    try {
      shown = await send("POST", "/sign-ins", await this.request());
    } catch (error) {
      this.say("");
      if ((error.fields ?? []).length) this.told(error);
      else this.fail(error.cause, error.message);
      return;
    } finally {
      this.begin.disabled = false;
      this.begin.removeAttribute("aria-busy");
    }
    if (mine !== this.round) return;
    this.begun = encodeURIComponent(shown.id);
    this.show(shown);
    try {
      const last = await follow(`/api/v1/sign-ins/${this.begun}/events`, { state: () => {} }, (_, { state }) => state !== "waiting");
      if (mine === this.round) await this.ended(last, shown);
    } catch (error) {
      if (mine !== this.round) return;
      this.drop();
      this.fail(error.cause, error.message);
    }
  }

  show(shown) {
    this.say("Waiting for you to sign in…");
    this.begin.hidden = true;
    one("[data-code]", this.prompt).textContent = shown.code;
    one("[data-copy]", this.prompt).dataset.copy = shown.code;
    const link = one("a", this.prompt);
    // Addresses of a vendor's server: nothing but a page may open from here.
    link.href = /^https?:\/\//.test(shown.complete_url) ? shown.complete_url : "about:blank";
    one("[data-sign-in-place]", this.prompt).textContent = shown.url;
    one("[data-sign-in-how]", this.prompt).textContent = OPEN;
    const ends = Date.parse(shown.code_ends_at);
    const tick = () => {
      const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
      this.clock.textContent = `The code is good for ${Math.floor(left / 60)} min ${left % 60} s.`;
    };
    tick();
    clearInterval(this.ticking);
    this.ticking = setInterval(tick, 1000);
    this.prompt.hidden = false;
    link.focus({ preventScroll: true });
    this.prompt.scrollIntoView({ block: "nearest" });
  }

  async ended(last, shown) {
    clearInterval(this.ticking);
    this.prompt.hidden = true;
    this.begin.hidden = false;
    if (last.state !== "signed-in") {
      this.begun = undefined;
      this.say(last.state === "cancelled" ? "Cancelled." : "");
      if (last.state === "failed") this.fail(last.cause, last.reason, last.evidence.join(" "), last.remedy);
      return;
    }
    this.set(shown.value);
    this.word.textContent = "Sign in again";
    this.say("Signed in.", true);
    await this.choose();
  }

  async choose() {
    const [account, role] = ["account", "role"].map((name) => this.choices.find((each) => each.dataset.choice === name));
    if (!account) return;
    const mine = this.round;
    const found = await send("GET", `/sign-ins/${this.begun}/accounts`);
    if (mine !== this.round) return;
    const options = found.items.map(({ id, name, email }) => ({ value: id, title: name || id, detail: [name ? id : "", email].filter(Boolean).join(" · ") }));
    const roles = async (id) => {
      if (!role) return;
      unlist(role);
      const names = await send("GET", `/sign-ins/${this.begun}/roles?account=${encodeURIComponent(id)}`);
      if (mine !== this.round || account.value !== id) return;
      list(role, names.items.map(({ name }) => ({ value: name, title: name, detail: "" })), () => {});
    };
    list(account, options, (id) => roles(id).catch((error) => this.fail(error.cause, error.message)));
    one("input:not([hidden])", account.closest(".field"))?.focus({ preventScroll: true });
  }

  fail(cause, reason, evidence = "", remedy = "") {
    const texts = { cause: cause ?? "", why: reason, evidence, remedy };
    for (const [name, text] of Object.entries(texts)) {
      const place = one(`[data-sign-in-${name}]`, this.failed);
      place.textContent = text;
      place.hidden = !text;
    }
    this.failed.hidden = false;
    this.failed.scrollIntoView({ block: "nearest" });
  }

  cancel() {
    this.drop();
    this.say("Cancelled.");
    this.begin.focus();
  }
}

/** Puts a list to choose from in the place of a text input; what was in it, or the only one there is, is chosen. */
function list(input, options, chosen) {
  unlist(input);
  const field = input.closest(".field");
  const label = one("label", field);
  const rows = make("div", { className: "picker-rows" });
  const group = make("fieldset", { className: "picker" }, make("legend", { className: "unseen" }, label.childNodes[0].textContent.trim()));
  const none = make("p", { className: "help", hidden: true }, "None of them is called so.");
  for (const { value, title, detail } of options) {
    const radio = make("input", { type: "radio", name: `pick-${input.id}`, value, checked: value === input.value || options.length === 1 });
    const row = make("label", { className: "picker-row" }, radio, make("span", {}, make("strong", {}, title), ...(detail ? [make("span", { className: "help" }, detail)] : [])));
    row.dataset.text = `${title} ${detail} ${value}`.toLowerCase();
    rows.append(row);
  }
  if (options.length > MANY) {
    const search = make("input", { type: "search", className: "input", placeholder: `Search ${options.length}`, autocomplete: "off" });
    search.setAttribute("aria-label", `Search: ${label.childNodes[0].textContent.trim()}`);
    search.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = search.value.trim().toLowerCase();
      for (const row of all(".picker-row", rows)) row.hidden = !row.dataset.text.includes(wanted);
      none.hidden = all(".picker-row", rows).some((row) => !row.hidden);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    group.append(search);
  }
  group.append(rows, none);
  rows.addEventListener("change", (event) => take(event.target.value));
  const take = (value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    chosen(value);
  };
  input.hidden = true;
  input.after(group);
  const first = one("input:checked", rows);
  if (!first && input.value) {
    // What stood there is not among what there is, so it is not silently taken.
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (first) {
    take(first.value);
    first.closest(".picker-row").scrollIntoView({ block: "nearest" });
  }
}

function unlist(input) {
  one(".picker", input.closest(".field"))?.remove();
  input.hidden = false;
}
