// What only the browser can do: keys, modal dialogs, the focus, the address bar. Every act that
// matters is a click on a real button, so this script can do nothing that a mouse could not.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".list tbody tr[data-number] a")];
  const isTyping = (target) =>
    target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const openDialog = () => $("dialog[open]");
  const topmost = () => [...document.querySelectorAll("dialog:modal, :popover-open")].at(-1);
  const soon = (act) => requestAnimationFrame(() => requestAnimationFrame(act));
  const isLost = () => !document.activeElement || document.activeElement === document.body;
  const LONGEST_TEXT = 5000; // No field takes as much, and a message of a megabyte ends the connection.
  const LONGEST_WAIT_MILLISECONDS = 10000;
  let lastOpened = "";

  const rowHere = () => document.activeElement.closest?.("tr") ?? $('.list tr[aria-selected="true"]');
  const step = (by) => {
    const all = rows();
    const here = all.indexOf(rowHere()?.querySelector("a"));
    all[Math.min(all.length - 1, Math.max(0, here + by))]?.focus();
  };

  const closeDrawer = () => $("[data-close-drawer]")?.click();

  const acts = {
    "/": () => $("#search")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    x: () => rowHere()?.querySelector(".tick input")?.click(),
    // As with p: the dialog gives the focus back to the button.
    s: () => {
      $("[data-bulk-send]")?.focus();
      $("[data-bulk-send]")?.click();
    },
    // The focus goes to the button first, so that the dialog gives it back there.
    p: () => {
      $("[data-record-payment]")?.focus();
      $("[data-record-payment]")?.click();
    },
    b: () => {
      $("[data-bell]")?.focus();
      $("[data-bell]")?.click();
    },
    "?": () => assure.open("keys"),
    Escape: closeDrawer,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (openDialog()) return;
    if (isTyping(event.target) && event.key !== "Escape") return;
    if (isTyping(event.target) && event.target.id === "search") {
      event.preventDefault(); // left to itself, the browser would empty the search as well
      return event.target.blur();
    }
    const act = acts[event.key];
    // What lies open over the page closes first, and gives the focus back by itself.
    if (!act || (event.key === "Escape" && $(":popover-open"))) return;
    event.preventDefault();
    act();
  });

  // A search inside a form shows its matches as they are typed; Enter must not send the form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("form [type=search]")) event.preventDefault();
  });

  // A button that is off keeps its place in the tab order, so that its reason can be read.
  window.addEventListener("click", (event) => {
    if (!event.target.closest?.('[aria-disabled="true"]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // With a modifier the link of a row is a link: it opens in another tab, and not here as well.
  window.addEventListener("click", (event) => {
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (opensElsewhere && event.target.closest?.("tr[data-number] a, [data-follow]")) event.stopImmediatePropagation();
  }, true);

  // A second submit while the first is under way is held back here; the server would see it as a repeat.
  document.addEventListener("submit", (event) => {
    const home = event.target.closest("dialog, [data-editor], [data-form]");
    if (!home) return;
    if (event.target.hasAttribute("data-pending")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    event.target.setAttribute("data-pending", "");
    event.target.removeAttribute("data-typed-since");
    if (current) current.isSending = true;
    const { then } = event.target.elements;
    if (then) then.value = event.submitter?.dataset.then ?? "";
    event.target.querySelector("[type=submit]")?.setAttribute("aria-busy", "true");
    // An answer that never comes must not lock the form; sent again, it is still one payment.
    setTimeout(settled, LONGEST_WAIT_MILLISECONDS, home.id);
  }, true);

  document.addEventListener("input", (event) => {
    event.target.closest?.("form[data-pending]")?.setAttribute("data-typed-since", "");
  });

  // A file that is being sent says so; whoever comes back to the page can send it again.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-upload]")) event.target.setAttribute("data-pending", "");
  });
  window.addEventListener("pageshow", () => {
    $("[data-upload]")?.removeAttribute("data-pending");
    for (const home of document.querySelectorAll("[data-form]")) settled(home.id);
  });

  document.addEventListener("click", (event) => {
    const closer = event.target.closest?.("[data-close-dialog]");
    if (closer) closer.closest("dialog").close();
    const link = event.target.closest?.('a[href^="#"]');
    if (link) show(event, link.hash.slice(1));
  });

  // A link within the page moves the view and the focus, and leaves the address as it is.
  const show = (event, id) => {
    event?.preventDefault();
    document.getElementById(id)?.scrollIntoView({ block: "nearest" });
    document.getElementById(id)?.focus({ preventScroll: true });
  };

  // What held the focus before a dialog may go a moment later, as the button of a row refunded in full.
  const regainFocus = () => {
    if (isLost() && !openDialog()) $("#drawer-title, #methods-title")?.focus({ preventScroll: true });
  };
  document.addEventListener("close", () => {
    for (const milliseconds of [50, 250, 1000]) setTimeout(regainFocus, milliseconds);
  }, true);

  // A button that leads to another step of its dialog goes with the first one: the focus stays inside.
  let lastFocused = null;
  document.addEventListener("focusin", (event) => {
    lastFocused = event.target;
  });
  const keepFocusInside = () => {
    if (!openDialog() || !isLost() || !lastFocused || lastFocused.isConnected) return;
    lastFocused = null;
    openDialog().querySelector("[data-first], button, input, select, textarea, a[href]")?.focus();
  };

  // A page with an editor is not left by accident while something in it is unsaved.
  const QUESTION = "Leave without saving? What you typed will be lost.";
  let isUnsaved = false;
  const holdsUnsaved = () => isUnsaved && $("[data-editor]");
  const discard = () => {
    isUnsaved = false;
    $("[data-discard]")?.click();
  };
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.("[data-editor]")) isUnsaved = true;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (holdsUnsaved()) event.preventDefault();
  });
  // The back button has left already when it is heard of: who stays is brought forward again.
  let isReturning = false;
  window.addEventListener("popstate", (event) => {
    if (!isReturning && !holdsUnsaved()) return;
    if (!isReturning && confirm(QUESTION)) return discard();
    event.stopImmediatePropagation();
    isReturning = !isReturning;
    if (isReturning) history.forward();
  }, true);
  window.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]:not([href^='#'])");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !holdsUnsaved()) return;
    if (confirm(QUESTION)) return discard();
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // A combobox: the server fills its list while one types; arrows walk it, Enter or a click takes one.
  const combobox = (target) => target.closest?.('[role="combobox"]');
  const optionsOf = (box) => [
    ...document.querySelectorAll(`#${CSS.escape(box.getAttribute("aria-controls"))} [role="option"]`),
  ];
  const walkTo = (box, option) => {
    for (const each of optionsOf(box)) each.setAttribute("aria-selected", each === option);
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const expand = (box, isOpen) => {
    box.setAttribute("aria-expanded", isOpen);
    walkTo(box, null);
  };
  const take = (box, option) => {
    setText(box, option.textContent);
    expand(box, false);
  };
  const boxKeys = {
    ArrowDown: (box, all, at) => walkTo(box, all[(at + 1) % all.length]),
    ArrowUp: (box, all, at) => walkTo(box, all[(at <= 0 ? all.length : at) - 1]),
    Enter: (box, all, at) => (all[at] ? take(box, all[at]) : expand(box, false)),
    Escape: (box) => expand(box, false),
  };
  document.addEventListener("keydown", (event) => {
    const box = combobox(event.target);
    if (!box || !boxKeys[event.key] || event.isComposing) return;
    const isOpen = box.getAttribute("aria-expanded") === "true";
    if (!isOpen && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (!isOpen) return expand(box, true);
    const all = optionsOf(box);
    boxKeys[event.key](box, all, all.findIndex((each) => each.ariaSelected === "true"));
  });
  document.addEventListener("input", (event) => {
    const box = combobox(event.target);
    if (box) expand(box, true);
  });
  document.addEventListener("mousedown", (event) => {
    const box = combobox(event.target);
    if (box) expand(box, true);
    const list = event.target.closest?.('[role="listbox"]');
    if (!list) return;
    event.preventDefault(); // the focus stays in the field
    const option = event.target.closest('[role="option"]');
    if (option) take($(`[aria-controls="${CSS.escape(list.id)}"]`), option);
  });
  document.addEventListener("focusout", (event) => {
    const box = combobox(event.target);
    if (box) expand(box, false);
  });

  // The back button: the server reads the address again, unless it is another page's, which does so
  // itself once it is there. Until then the address is none of the page's that is being left.
  const visited = (page) => {
    const mark = $(page ? `[data-revisit="${page}"]` : "[data-revisit]");
    return mark?.visitedAt === plainPath() ? mark : null;
  };
  const noteVisit = () => {
    for (const mark of document.querySelectorAll("[data-revisit]")) mark.visitedAt ??= plainPath();
  };
  window.addEventListener("popstate", () => visited()?.click());

  // A server that was started again knows of no open dialog: its form vanishes from the page. What
  // stood in it is kept here and put back into a new one, unless it was just being sent: whether that
  // was recorded, the invoice itself shows.
  const PUT_BACK_MILLISECONDS = 30000;
  let current = null;
  let vanished = null;

  const noteOpened = (id, opener) => {
    const row = opener?.closest('[id^="payment-"]');
    current = {
      id,
      opener: row ? `#${row.id} button` : `[data-reopens="${id}"]`,
      invoice: $("#drawer-title")?.textContent,
      // A dialog that only tells something has no form, and loses none when the page changes.
      hadForm: Boolean($(`#${id} form`)),
      typed: {},
      isSending: false,
    };
  };

  const keepTyped = (event) => {
    const dialog = event.target.closest?.("dialog[open]");
    if (dialog && dialog.id === current?.id) current.typed = assure.typed(dialog.id);
  };

  const noteVanished = () => {
    const dialog = openDialog();
    if (!dialog || dialog.id !== current?.id || !current.hadForm) return;
    if (dialog.querySelector("form")) return;
    vanished = current.isSending ? null : { ...current, until: Date.now() + PUT_BACK_MILLISECONDS };
    dialog.close();
  };

  const openAgain = () => {
    if (!vanished || vanished.isAsked || openDialog()) return;
    const button = $(vanished.opener);
    const isHere = $("#drawer-title")?.textContent === vanished.invoice;
    if (!isHere || !button || button.getAttribute("aria-disabled") === "true") return;
    vanished.isAsked = true;
    button.focus();
    button.click();
  };

  // React hears of a change only when the value is set behind its back.
  const setText = (field, text) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
    field.dispatchEvent(new Event(field.matches("select") ? "change" : "input", { bubbles: true }));
  };

  const putBack = (dialog) => {
    const { id, invoice, typed, until } = vanished ?? {};
    vanished = null;
    if (id !== dialog.id || invoice !== current.invoice || Date.now() > until) return;
    for (const field of dialog.querySelectorAll("form [name]")) {
      const text = typed[field.name];
      if (text === undefined || field.type === "hidden") continue;
      if (field.type === "radio") {
        if (field.value === text) field.click();
        continue;
      }
      setText(field, text);
    }
  };

  document.addEventListener("input", keepTyped);
  document.addEventListener("change", keepTyped);
  new MutationObserver(() => {
    noteVisit();
    noteVanished();
    openAgain();
    keepFocusInside();
    if (toasts && !toasts.isConnected) carryToasts();
  }).observe(document.documentElement, { childList: true, subtree: true });

  // A tick shows at once; what the server then makes of it, also elsewhere on the page, follows here.
  const ticks = () => [...document.querySelectorAll(".list tbody .tick input")];
  const settleTick = (box) => {
    box.checked = box.defaultChecked;
  };
  const showSomeTicked = () => {
    const all = $("#select-page");
    if (all) all.indeterminate = !all.checked && ticks().some((box) => box.checked);
  };
  new MutationObserver((changes) => {
    for (const { target, oldValue } of changes) {
      // React writes the same value again at every press: that is no answer of the server.
      const isNew = (oldValue === null) === target.defaultChecked;
      if (isNew && target.closest(".list .tick")) settleTick(target);
    }
    showSomeTicked();
  }).observe(document.documentElement, {
    attributes: true, attributeFilter: ["checked"], attributeOldValue: true, subtree: true,
  });

  // With Shift held down, a tick reaches from the last one to this.
  let lastTicked = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.(".list tbody .tick input")) return;
    const all = ticks();
    const [from, to] = [all.indexOf(lastTicked), all.indexOf(box)].sort((a, b) => a - b);
    lastTicked = box;
    showSomeTicked();
    if (!event.shiftKey || from < 0) return;
    for (const each of all.slice(from, to + 1)) if (each.checked !== box.checked) each.click();
    lastTicked = box;
  });

  // Toasts are read aloud as what they are: news about what was just done.
  let toasts = null;
  const announceToasts = () => {
    toasts = $("section[aria-live]");
    if (toasts) toasts.setAttribute("role", "status");
    else setTimeout(announceToasts, 200);
  };
  announceToasts();

  // What lies over the page takes them along: behind a dialog nobody could read or put away a
  // warning, and what a dialog makes inert is not read aloud either.
  const carryToasts = () => {
    const place = topmost() ?? document.body;
    if (!toasts || toasts.parentElement === place) return;
    if (place === document.body) place.prepend(toasts);
    else place.append(toasts);
  };
  for (const kind of ["close", "toggle"]) document.addEventListener(kind, carryToasts, true);

  const settled = (id) => {
    for (const form of document.querySelectorAll(`#${id} form`)) {
      form.removeAttribute("data-pending");
      form.querySelector("[type=submit]")?.removeAttribute("aria-busy");
    }
  };

  // The server serves a page as a folder, with a slash that nobody wants to see or share.
  const plainPath = () => location.pathname.replace(/\/+$/, "") || "/";
  const showPlainPath = () =>
    history.replaceState(history.state, "", plainPath() + location.search + location.hash);
  if (document.readyState === "complete") showPlainPath();
  else window.addEventListener("load", showPlainPath);

  window.assure = {
    // Opens a modal dialog once its content is there; the browser keeps the focus inside and gives it back.
    open: (id) => soon(() => {
      settled(id);
      const dialog = document.getElementById(id);
      if (!dialog || dialog.open) return;
      noteOpened(id, document.activeElement);
      dialog.showModal();
      carryToasts();
      const first = dialog.querySelector("[data-first]");
      first?.focus();
      first?.select?.();
      putBack(dialog);
    }),
    close: (id) => {
      settled(id);
      document.getElementById(id)?.close?.();
    },
    closePanel: (id) => document.getElementById(id)?.hidePopover?.(),
    // After a refusal: the form can be sent again, and the first wrong field has the focus, unless
    // somebody types on already: their next letters would land in another field.
    refused: (id) => soon(() => {
      const isTypedOn = $(`#${id} form[data-typed-since]`);
      settled(id);
      if (current?.id === id) current.isSending = false;
      if (!isTypedOn) $(`#${id} [aria-invalid="true"]`)?.focus();
    }),
    // What stands in a dialog's form now. A text beyond every limit is cut, and still refused for its length.
    typed: (id) => Object.fromEntries(
      [...new FormData($(`#${id} form`))].map(([name, text]) => [
        name, text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text,
      ]),
    ),
    drawerOpened: (number) => {
      lastOpened = number;
      soon(() => {
        const named = location.hash.startsWith("#payment-") && document.getElementById(location.hash.slice(1));
        if (named) return show(null, named.id);
        if (openDialog() || document.activeElement?.closest(".drawer")) return;
        $("#drawer-title")?.focus({ preventScroll: true });
      });
    },
    focus: (id) => soon(() => document.getElementById(id)?.focus()),
    saved: () => {
      isUnsaved = false;
    },
    settleTicks: () => soon(() => {
      for (const box of document.querySelectorAll(".list .tick input")) settleTick(box);
      showSomeTicked();
    }),
    focusSearch: () => soon(() => $("#search")?.focus()),
    drawerClosed: () => soon(() => $(`tr[data-number="${CSS.escape(lastOpened)}"] a`)?.focus()),
    // The address names what is shown, so that a reload or a shared link shows it again.
    address: (page, search, isNewPage) => {
      if (!visited(page) || search === location.search.slice(1)) return; // left by now
      const url = plainPath() + (search ? `?${search}` : "");
      history[isNewPage ? "pushState" : "replaceState"](history.state, "", url);
    },
  };
})();
