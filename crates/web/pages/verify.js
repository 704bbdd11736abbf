"use strict";

onSubmit(() => fetch(new URL(`users/verify-email?token=${encodeURIComponent(token())}`, api)));
