"use strict";

/* What both pages do that a mailed link opens: nothing before the form is sent, since mail scanners open links, too. */

/** Where the API is: this script's own address begins with whatever prefix a proxy strips. */
const api = new URL("../../api/v1/", document.currentScript.src);

/** The token of the link. */
function token() {
  return new URLSearchParams(location.search).get("token") ?? "";
}

/** What to tell of an answer: the message of a good one, or what is wrong. */
async function told(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body.message ?? "Done.";
  if (Array.isArray(body.detail)) return body.detail.map((fault) => fault.msg.replace(/^Value error, /, "")).join(". ");
  return body.detail ?? "Something went wrong. Please try again later.";
}

/** Sends the form by `send`, a function that makes a request or gives a text that says why it doesn't. */
function onSubmit(send) {
  const form = document.getElementById("form");
  const outcome = document.getElementById("outcome");
  const tell = (text, good) => {
    outcome.textContent = text;
    outcome.className = good ? "good" : "bad";
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await send();
      if (typeof answer === "string") return tell(answer, false);
      tell(await told(answer), answer.ok);
      if (!answer.ok) return;
      // What the page asked for is done; what comes next takes its place.
      document.getElementById("before").remove();
      document.getElementById("after").hidden = false;
    } catch {
      tell("The server can't be reached. Please try again.", false);
    } finally {
      button.disabled = false;
    }
  });
}
