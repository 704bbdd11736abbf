"use strict";

onSubmit(() => fetch(`/api/v1/users/verify-email?token=${encodeURIComponent(token())}`));
