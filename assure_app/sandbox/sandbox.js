// Every page works without this file: it spares reloads, and it spares a second click.

// A form goes once: its button answers at once and cannot be pressed again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  // Disabled only after the browser has read the form, so that the pressed button's value is sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    form.setAttribute("aria-busy", "true");
  });
});

// The page that the back button brings again is one whose form was not sent.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

// A test method fills the form in place and keeps what else was typed.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-fill]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const form = document.querySelector("form[data-once]");
  event.preventDefault();
  for (const [name, value] of Object.entries(JSON.parse(link.dataset.fill))) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  form.querySelector(".btn.pri").focus();
});
