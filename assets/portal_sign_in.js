// The portal's sign-in in two steps: an email asks for a code, the code opens a session. Sent by
// plain requests, since only their answer can set a cookie that scripts cannot read.
(() => {
  const UNREACHABLE = "The server cannot be reached. Check your connection and try again.";
  const place = (step) => document.querySelector(`[data-step="${step}"]`);
  // What this browser asks with: the code is worth nothing without it. One for each letter.
  const newSecret = () =>
    [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let secret = "";
  let asked = "";

  const say = (form, field, sentence) => {
    for (const each of form.querySelectorAll("[data-problem]")) {
      const isHere = each.dataset.problem === field;
      each.textContent = isHere ? sentence : "";
      form.elements[each.dataset.problem]?.setAttribute("aria-invalid", String(isHere));
    }
  };

  const setPending = (form, isPending) => {
    form.toggleAttribute("data-pending", isPending);
    const button = form.querySelector("button[type=submit]");
    button.setAttribute("aria-disabled", String(isPending));
    button.setAttribute("aria-busy", String(isPending));
  };

  const post = async (path, fields) => {
    const next = new URLSearchParams(location.search).get("next") ?? "";
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ ...fields, request: secret, next }),
    });
    return [answer.ok, await answer.json()];
  };

  const show = (step) => {
    for (const each of ["email", "code"]) place(each).hidden = each !== step;
    const field = place(step).elements[step];
    field.focus();
    field.select();
  };

  const toCode = (answer) => {
    asked = answer.asked;
    document.querySelector("[data-asked]").textContent = asked;
    place("code").elements.code.value = "";
    show("code");
  };

  const steps = {
    email: async (form) => {
      secret = newSecret();
      return post("/auth/portal/code", { email: form.elements.email.value });
    },
    code: async (form) =>
      post("/auth/portal/sign-in", {
        code: form.elements.code.value,
        trust: form.elements.trust.checked ? "yes" : "",
      }),
  };

  const submit = async (form) => {
    if (form.hasAttribute("data-pending")) return;
    const { step } = form.dataset;
    say(form, "", "");
    setPending(form, true);
    try {
      const [isRight, answer] = await steps[step](form);
      if (isRight && step === "code") return location.assign(answer.next);
      if (isRight) toCode(answer);
      else {
        say(form, answer.field, answer.sentence);
        (form.elements[answer.field] ?? form.elements[step]).focus();
      }
    } catch {
      say(form, "", UNREACHABLE);
    }
    setPending(form, false);
  };

  const askAgain = async (button) => {
    const form = place("code");
    if (form.hasAttribute("data-pending") || button.hasAttribute("data-pending")) return;
    button.setAttribute("data-pending", "");
    say(form, "", "");
    const former = secret;
    secret = newSecret();
    const said = document.querySelector("[data-said]");
    try {
      const [isRight, answer] = await post("/auth/portal/code", { email: asked });
      if (!isRight) {
        secret = former; // the code that was mailed before still works
        say(form, "", answer.sentence);
      } else {
        said.textContent = "";
        requestAnimationFrame(() => { said.textContent = "A new code is on its way. The one before does not work here any more."; });
      }
    } catch {
      secret = former;
      say(form, "", UNREACHABLE);
    }
    button.removeAttribute("data-pending");
    form.elements.code.focus();
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-step]")) return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("click", (event) => {
    const again = event.target.closest?.("[data-ask-again]");
    if (again) askAgain(again);
    if (event.target.closest?.("[data-other-email]")) show("email");
    const demo = event.target.closest?.("[data-demo-contact]");
    if (!demo) return;
    show("email");
    place("email").elements.email.value = demo.dataset.demoContact;
    place("email").querySelector("button[type=submit]").focus();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("[data-step]")) setPending(form, false);
  });
})();
