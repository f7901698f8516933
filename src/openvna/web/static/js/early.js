// Runs before anything can be pressed: a form that its script sends is not sent by the browser while that is loading.
// Pressed too early, it is sent as soon as its script is ready (`ready` in dom.js).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("method") || form.hasAttribute("data-ready")) return;
  event.preventDefault();
  form.dataset.early = "";
}, true);
