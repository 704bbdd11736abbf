"use strict";

Redoc.init("/api/v1/openapi.json", {}, document.getElementById("redoc"));
