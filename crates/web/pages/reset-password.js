"use strict";

onSubmit(() => {
  const [password, repetition] = ["password", "repetition"].map((id) => document.getElementById(id).value);
  if (password !== repetition) return "The two passwords differ.";
  return fetch(new URL("users/update-password", api), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: token(), new_password: password }),
  });
});
