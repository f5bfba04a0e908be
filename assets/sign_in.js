// Sends a form that opens a session (sign-in, welcome), so that a refusal appears beside its field and
// nothing typed is lost.
(() => {
  const UNREACHABLE = "The server cannot be reached. Check your connection and try again.";

  const say = (form, field, sentence) => {
    for (const place of form.querySelectorAll("[data-problem]")) {
      const isHere = place.dataset.problem === field;
      place.textContent = isHere ? sentence : "";
      form.elements[place.dataset.problem]?.setAttribute("aria-invalid", String(isHere));
    }
  };

  const setPending = (form, isPending) => {
    const button = form.querySelector("button[type=submit]");
    form.toggleAttribute("data-pending", isPending);
    button.setAttribute("aria-disabled", String(isPending));
    button.setAttribute("aria-busy", String(isPending));
    button.dataset.idle ??= button.textContent;
    button.textContent = isPending ? "Signing in…" : button.dataset.idle;
  };

  const ask = async (form) => {
    const address = new URLSearchParams(location.search);
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({
        ...Object.fromEntries(new FormData(form)),
        next: address.get("next") ?? "",
        token: address.get("token") ?? "",
      }),
    });
    return [answer.ok, await answer.json()];
  };

  const submit = async (form) => {
    if (form.hasAttribute("data-pending")) return;
    say(form, "", "");
    setPending(form, true);
    try {
      const [isSignedIn, answer] = await ask(form);
      if (isSignedIn) return location.assign(answer.next);
      say(form, answer.field, answer.sentence);
      (form.elements[answer.field] ?? form.querySelector("input:not([hidden])"))?.focus();
    } catch {
      say(form, "", UNREACHABLE);
    }
    setPending(form, false);
  };

  const fill = (button) => {
    const form = document.getElementById("sign-in");
    form.elements.email.value = button.dataset.demoEmail;
    form.elements.password.value = button.dataset.demoPassword;
    form.querySelector("button[type=submit]").focus();
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-opens-session]")) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-demo-email]");
    if (button) fill(button);
  });
  // Going back from the page behind brings this one back as it was left: pending.
  addEventListener("pageshow", (event) => {
    const form = document.querySelector("[data-opens-session]");
    if (event.persisted && form) setPending(form, false);
  });
})();
