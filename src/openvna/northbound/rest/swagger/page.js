// Draws the API's document. A change that is tried out here with a browser session carries its CSRF token.
"use strict";

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

async function csrf() {
  const answer = await fetch("v1/session", { credentials: "same-origin" });
  return answer.ok ? (await answer.json()).csrf : null;
}

async function addToken(request) {
  const foreign = new URL(request.url, document.baseURI).origin !== location.origin;
  if (foreign || safe.has((request.method || "GET").toUpperCase()) || request.headers.Authorization) return request;
  const token = await csrf();
  if (token) request.headers["X-CSRF-Token"] = token;
  return request;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: addToken,
});
