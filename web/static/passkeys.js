// Passkeys: each form with data-passkey asks the browser for one, puts the answer into its
// field "credential", and is posted as any form. Where there is no JavaScript, or the
// browser has no passkeys, these forms stay hidden.
"use strict";

(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  if (!window.PublicKeyCredential || !navigator.credentials || forms.length === 0) return;

  // What PublicKeyCredential.parse…OptionsFromJSON and toJSON do, for browsers without.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((d) => ({ ...d, id: bytes(d.id) }));

  function parse(json, create) {
    const native = create ? PublicKeyCredential.parseCreationOptionsFromJSON : PublicKeyCredential.parseRequestOptionsFromJSON;
    if (native) return native.call(PublicKeyCredential, json);
    const options = { ...json, challenge: bytes(json.challenge) };
    if (create) {
      options.user = { ...json.user, id: bytes(json.user.id) };
      options.excludeCredentials = descriptors(json.excludeCredentials);
    } else {
      options.allowCredentials = descriptors(json.allowCredentials);
    }
    return options;
  }

  function answer(credential) {
    try {
      return JSON.stringify(credential.toJSON());
    } catch {
      const response = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
        if (credential.response[name]) response[name] = text(credential.response[name]);
      }
      if (credential.response.getTransports) response.transports = credential.response.getTransports();
      const { id, type, authenticatorAttachment } = credential;
      return JSON.stringify({
        id, rawId: text(credential.rawId), type, response,
        authenticatorAttachment: authenticatorAttachment || undefined,
        clientExtensionResults: credential.getClientExtensionResults(),
      });
    }
  }

  let running; // one request to the browser at a time

  // ask returns the browser's answer, or "" where there are no options: the posted form then
  // says why.
  async function ask(form, conditional) {
    if (running) running.abort();
    const { signal } = (running = new AbortController());
    const reply = await fetch(form.dataset.options, { method: "POST", headers: { Accept: "application/json" }, signal });
    if (!reply.ok) return "";
    const create = form.dataset.passkey === "create";
    const request = { publicKey: parse(await reply.json(), create), signal };
    if (conditional) request.mediation = "conditional";
    return answer(await (create ? navigator.credentials.create(request) : navigator.credentials.get(request)));
  }

  function send(form, credential) {
    form.elements.credential.value = credential;
    for (const field of form.querySelectorAll("input[data-like]")) {
      const box = document.querySelector(field.dataset.like);
      field.value = box && box.checked ? "y" : "";
    }
    form.submit();
  }

  // fill has the browser offer passkeys where it offers passwords. Options are good for five
  // minutes.
  async function fill(form) {
    const again = setTimeout(() => fill(form), 240_000);
    try {
      const credential = await ask(form, true);
      if (credential) send(form, credential);
    } catch {
      // Nobody has asked for anything.
    } finally {
      if (running && !running.signal.aborted) clearTimeout(again);
    }
  }

  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      for (const note of form.querySelectorAll("[data-note]")) note.hidden = true;
      try {
        send(form, await ask(form, false));
      } catch (error) {
        if (error.name === "AbortError") return;
        const note = form.querySelector(error.name === "InvalidStateError" ? '[data-note="known"]' : '[data-note="failed"]');
        if (note) note.hidden = false;
        offer();
      }
    });
  }
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;

  async function offer() {
    const form = document.querySelector("form[data-passkey=fill]");
    const available = PublicKeyCredential.isConditionalMediationAvailable;
    if (form && available && (await available.call(PublicKeyCredential))) fill(form);
  }
  offer();
})();
