// Password fields: the button beside one shows what was typed, and hides it again. Where
// there is no JavaScript the buttons stay hidden.
"use strict";

for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const show = (on) => {
    field.type = on ? "text" : "password";
    button.setAttribute("aria-pressed", String(on));
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // Browsers keep what was typed into a field for texts, and offer it again.
  field.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}
