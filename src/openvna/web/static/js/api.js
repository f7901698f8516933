// Talks to the REST interface with the session's cookie and token.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** What a problem document says: `message` for a person, `fields` with a message each, `verdict` and `cause` where there is one. */
export class Problem extends Error {
  constructor(status, body) {
    const fields = (body.errors ?? []).map(({ field, message }) => ({ path: String(field), message }));
    super([body.detail ?? body.title ?? `The server answered ${status}.`, body.remedy].filter(Boolean).join(" "));
    this.status = status;
    this.kind = String(body.type ?? "");
    this.fields = fields;
    this.verdict = body.verdict ?? null;
    this.cause = body.cause ?? null;
  }
}

export async function send(method, path, body) {
  const headers = { "X-CSRF-Token": csrf, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { detail: "The server did not answer.", remedy: "Check that it is running, then try again." });
  }
  if (answer.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const text = await answer.text();
  let content = null;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    throw new Problem(answer.status, { detail: `The server answered ${answer.status} with something that is not JSON.` });
  }
  if (!answer.ok) throw new Problem(answer.status, content ?? {});
  return content;
}

/** Follows a stream of server-sent events until one of `last` has come; resolves then, or rejects when it breaks. */
export function follow(url, events, isLast) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url);
    for (const [name, act] of Object.entries(events)) {
      source.addEventListener(name, (message) => {
        const content = JSON.parse(message.data);
        act(content);
        if (isLast(name, content)) {
          source.close();
          resolve(content);
        }
      });
    }
    source.addEventListener("error", () => {
      // A broken connection is taken up again by the browser itself; a refused one is over.
      if (source.readyState === EventSource.CLOSED) {
        reject(new Problem(0, { detail: "The live connection was refused.", remedy: "Reload the page." }));
      }
    });
    addEventListener("pagehide", () => source.close(), { once: true });
  });
}
