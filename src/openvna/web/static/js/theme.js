// Runs before the first paint, so that a dark page never flashes white. Not a module for that reason.
(() => {
  const key = "openvna-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wanted = () => {
    try {
      return localStorage.getItem(key) || "system";
    } catch {
      return "system";
    }
  };
  const apply = () => {
    const choice = wanted();
    document.documentElement.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
    document.querySelectorAll("[data-theme-set]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === choice));
    });
  };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    try {
      localStorage.setItem(key, button.dataset.themeSet);
    } catch {
      // Without storage the choice holds for this page only.
      document.documentElement.dataset.theme = button.dataset.themeSet;
      return;
    }
    apply();
  });
})();
