(function () {
  "use strict";

  function complain(input, message) {
    document.getElementById(input.dataset.error).textContent = message;
    input.classList.toggle("wrong", message !== "");
    input.setAttribute("aria-invalid", message !== "" ? "true" : "false");
  }

  // A form is sent once, and only when its field holds something that can be right.
  document.querySelectorAll("form[data-check]").forEach(function (form) {
    var input = form.querySelector("[data-missing]");
    form.addEventListener("submit", function (event) {
      var value = input.value.trim();
      var pattern = input.dataset.pattern;
      if (value === "" || (pattern && !new RegExp(pattern).test(value))) {
        event.preventDefault();
        complain(input, input.dataset.missing);
        input.focus();
        return;
      }
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "true";
      document.getElementById("idSIButton9").setAttribute("aria-disabled", "true");
    });
    input.addEventListener("input", function () { complain(input, ""); });
  });

  function switchView(name) {
    var form = document.getElementById("switchForm");
    form.elements.view.value = name;
    form.submit();
  }

  // A passkey leaves for another origin; every other choice is a view of this page.
  function choose(value) {
    var fido = document.getElementById("fidoForm");
    if (value === "FidoKey" && fido) {
      fido.submit();
      return;
    }
    switchView(value);
  }

  function onAct(element, act) {
    element.addEventListener("click", function (event) {
      event.preventDefault();
      act();
    });
    element.addEventListener("keydown", function (event) {
      if (element.tagName === "DIV" && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        act();
      }
    });
  }

  document.querySelectorAll("[data-value]").forEach(function (element) {
    onAct(element, function () { choose(element.dataset.value); });
  });
  document.querySelectorAll("[data-view]").forEach(function (element) {
    onAct(element, function () { switchView(element.dataset.view); });
  });
  document.querySelectorAll("form[data-auto]").forEach(function (form) { form.submit(); });

  function bytes(text) {
    var base64 = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(base64), function (c) { return c.charCodeAt(0); });
  }

  function base64url(buffer) {
    var text = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function signWithPasskey() {
    var problem = document.getElementById("passkeyError");
    problem.textContent = "";
    navigator.credentials.get({
      publicKey: {
        challenge: new TextEncoder().encode($Config.sFidoChallenge),
        rpId: location.hostname,
        userVerification: "required",
        allowCredentials: $Config.arrFidoAllowList.map(function (id) {
          return { type: "public-key", id: bytes(id) };
        })
      }
    }).then(function (credential) {
      var form = document.getElementById("passkeyForm");
      form.elements.assertion.value = JSON.stringify({
        id: credential.id,
        clientDataJSON: base64url(credential.response.clientDataJSON),
        authenticatorData: base64url(credential.response.authenticatorData),
        signature: base64url(credential.response.signature),
        userHandle: credential.response.userHandle ? base64url(credential.response.userHandle) : ""
      });
      form.submit();
    }).catch(function () {
      problem.textContent = problem.dataset.failed;
    });
  }

  document.querySelectorAll("[data-passkey]").forEach(function (button) {
    button.addEventListener("click", signWithPasskey);
  });

  var push = document.getElementById("pushForm");
  if (push && push.hasAttribute("data-ask")) {
    ask("BeginAuth", $Config.urlBeginAuth);
  }

  // A new password is changed by a job that the page polls for, before the form goes on.
  var change = document.getElementById("changePasswordForm");
  if (change) {
    change.addEventListener("submit", function (event) {
      event.preventDefault();
      var field = change.elements, problem = document.getElementById("passwordError");
      var missing = !field.currentpasswd.value || !field.newpasswd.value;
      if (missing || field.newpasswd.value !== field.confirmnewpasswd.value) {
        problem.textContent = field.confirmnewpasswd.dataset[missing ? "missing" : "different"];
        return;
      }
      changePassword($Config.urlAsyncSsprBegin, {
        FlowToken: $Config.sFT, Ctx: $Config.sCtx,
        OldPassword: field.currentpasswd.value, NewPassword: field.newpasswd.value
      }, problem);
    });
  }

  function changePassword(url, body, problem) {
    fetch(url, {
      method: "POST", headers: { "Content-Type": "application/json", "canary": $Config.apiCanary }, body: JSON.stringify(body)
    }).then(function (response) { return response.json(); }).then(function (answer) {
      if (answer.ErrorCode) {
        problem.textContent = answer.ErrorMessage;
      } else if (answer.IsJobPending) {
        changePassword($Config.urlAsyncSsprPoll, {
          FlowToken: answer.FlowToken, Ctx: answer.Ctx,
          CoupledDataCenter: answer.CoupledDataCenter, CoupledScaleUnit: answer.CoupledScaleUnit
        }, problem);
      } else {
        change.submit();
      }
    });
  }

  // Asks for the notification, shows its number, and asks again until it was answered.
  function ask(method, url, session) {
    fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        AuthMethodId: "PhoneAppNotification", Method: method, SessionId: session || "",
        FlowToken: $Config.sFT, Ctx: $Config.sCtx
      })
    }).then(function (response) { return response.json(); }).then(function (answer) {
      if (method === "BeginAuth" && answer.Success) {
        document.getElementById("idRichContext_DisplaySign").textContent = answer.Entropy;
      }
      if (answer.ResultValue === "AuthenticationPending" || (method === "BeginAuth" && answer.Success)) {
        setTimeout(function () { ask("EndAuth", $Config.urlEndAuth, answer.SessionId); },
          $Config.oPerAuthPollingInterval.PhoneAppNotification * 1000);
        return;
      }
      push.submit();
    });
  }
})();
