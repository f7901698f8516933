// What is to be done to set a source up, and giving it up.
import { send } from "./api.js";
import { busy, one, toastLater } from "./dom.js";

const head = one("[data-onboarding]");
const button = one("[data-give-up]");
button.addEventListener("click", () =>
  busy(button, async () => {
    await send("DELETE", `/plugins/${encodeURIComponent(head.dataset.plugin)}/onboardings/${head.dataset.onboarding}`);
    toastLater("Given up.");
    location.assign("/sources");
  }),
);
